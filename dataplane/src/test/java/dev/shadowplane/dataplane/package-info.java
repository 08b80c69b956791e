/** Tests of the data plane as a whole. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane;
