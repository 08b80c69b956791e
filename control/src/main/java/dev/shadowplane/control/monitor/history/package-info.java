/** Reads the history of series from files and servers of others. */
@NullMarked
package dev.shadowplane.control.monitor.history;

import org.jspecify.annotations.NullMarked;
