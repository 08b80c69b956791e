/** The commands. Those that work on files or mapped counters load nothing of gRPC. */
@NullMarked
package dev.shadowplane.control.cli;

import org.jspecify.annotations.NullMarked;
