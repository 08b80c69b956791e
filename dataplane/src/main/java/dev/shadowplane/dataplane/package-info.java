/** The process of the data plane. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane;
