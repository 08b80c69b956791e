/**
 * Flows for IPFIX collectors (RFC 7011, bidirectional by RFC 5103): templates and messages, over
 * UDP, over TCP and into files.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.ipfix;
