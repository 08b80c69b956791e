/**
 * What the whole-process benchmarks run beside the product: traffic, a stand-in for control, and
 * readings.
 */
@NullMarked
package dev.shadowplane.benchmarks;

import org.jspecify.annotations.NullMarked;
