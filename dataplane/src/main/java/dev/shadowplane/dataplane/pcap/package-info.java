/**
 * Capture files: pcap and pcapng, read as a stream through one reused buffer and written without
 * allocation. Everything read is taken for hostile.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.pcap;
