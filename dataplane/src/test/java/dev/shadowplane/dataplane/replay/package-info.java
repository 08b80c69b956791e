/** Tests of this package of the data plane. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.replay;
