/**
 * Mirrored frames to disk and back: rings from the workers, an agent that writes batches to a
 * Chronicle Queue, and a reader that takes the files for hostile.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.journal;
