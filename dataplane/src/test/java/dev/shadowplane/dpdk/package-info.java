/** What tests of the data plane need of mbufs that production code must not touch. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dpdk;
