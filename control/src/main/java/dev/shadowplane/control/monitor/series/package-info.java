/**
 * Series of measurements in bounded space: each second for an hour, each minute for 14 days, each
 * hour for 13 months. It knows nothing of where they come from.
 */
@NullMarked
package dev.shadowplane.control.monitor.series;

import org.jspecify.annotations.NullMarked;
