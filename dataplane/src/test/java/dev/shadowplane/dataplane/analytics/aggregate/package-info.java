@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.analytics.aggregate;
