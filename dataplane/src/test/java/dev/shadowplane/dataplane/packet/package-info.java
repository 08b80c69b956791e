/** Tests of frames, and the builder of frames that other tests use. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.packet;
