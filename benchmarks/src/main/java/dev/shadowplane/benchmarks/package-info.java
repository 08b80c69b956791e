/** What the whole-process benchmarks run beside the product: traffic and readings. */
@NullMarked
package dev.shadowplane.benchmarks;

import org.jspecify.annotations.NullMarked;
