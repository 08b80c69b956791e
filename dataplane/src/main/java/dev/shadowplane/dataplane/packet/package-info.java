/**
 * Frames as they lie in memory: the parser, the record that it makes of each, and the flow hash.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.packet;
