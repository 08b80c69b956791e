/**
 * Timed transmission of frames from a journal or a capture file. A loader thread reads ahead into a
 * ring of bounded size; the replay agent, which owns its transmit queues, sends from there at
 * absolute times and never waits for the disk.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.replay;
