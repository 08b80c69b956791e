/** The ports of a configuration: locked, opened, set up and started together. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.port;
