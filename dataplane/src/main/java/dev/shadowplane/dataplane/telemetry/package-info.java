/**
 * The mapped files that join the data plane process, the control process and readers of counters:
 * counters, commands, events and packet records.
 *
 * <p>The data plane owns the directory and every file in it. Control may write into the files of
 * its attachment, and whatever it writes there is treated as hostile: the data plane keeps its own
 * positions, validates every length before use, and ends the attachment at the first fault.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.telemetry;
