/** Tests of the capture files. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.pcap;
