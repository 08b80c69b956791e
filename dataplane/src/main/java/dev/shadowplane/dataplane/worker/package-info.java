/**
 * The poll loop that carries production: what happens to a burst between its reception and its
 * transmission.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.worker;
