/** Frames of a journal as capture files: which, in what format, in how many files, to where. */
@NullMarked
package dev.shadowplane.dataplane.export;

import org.jspecify.annotations.NullMarked;
