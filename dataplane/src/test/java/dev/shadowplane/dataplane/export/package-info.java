/** Tests of exports. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.export;
