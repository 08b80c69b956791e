/** What control keeps over restarts, with its history. */
@NullMarked
package dev.shadowplane.control.store;

import org.jspecify.annotations.NullMarked;
