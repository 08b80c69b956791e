/**
 * What is mirrored and where to: rules compiled for the packet path, sampling, targets, and the
 * ledger of what was lost.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.mirror;
