/**
 * Everything native, and nothing else: DPDK's EAL, ports, bursts, mempools and mbufs, called
 * through the Foreign Function and Memory API. Nouns are DPDK's.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dpdk;
