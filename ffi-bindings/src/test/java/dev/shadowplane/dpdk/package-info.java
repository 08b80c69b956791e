/** Tests of the native boundary, and the base of every test that uses DPDK. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dpdk;
