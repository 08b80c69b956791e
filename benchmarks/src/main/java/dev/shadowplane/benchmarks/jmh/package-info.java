/** Benchmarks of single steps of the packet path. */
@NullMarked
package dev.shadowplane.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
