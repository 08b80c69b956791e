/**
 * What runs beside the workers: commands, rules and their publication, the journal's agent,
 * counters, and the assembly of a data plane from its configuration.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.conductor;
