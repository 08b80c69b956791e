/**
 * Sums over flows by host, pair, subnet, network, rule and port: exact for a bounded number of
 * keys, by sketches beyond, over minutes that roll.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.analytics.aggregate;
