/**
 * The data plane's configuration: read strictly, validated completely before anything starts,
 * immutable after.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.config;
