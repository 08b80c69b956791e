/** Tests of the export to IPFIX collectors. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.ipfix;
