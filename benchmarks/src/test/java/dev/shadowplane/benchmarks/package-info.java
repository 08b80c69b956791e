@NullMarked
package dev.shadowplane.benchmarks;

import org.jspecify.annotations.NullMarked;
