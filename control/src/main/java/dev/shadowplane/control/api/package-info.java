/**
 * The service of control: configuration, the gRPC contract, and what carries its calls to the data
 * plane.
 */
@NullMarked
package dev.shadowplane.control.api;

import org.jspecify.annotations.NullMarked;
