/**
 * One immutable model of a virtual network, production or shadow, for every capability. It knows
 * nothing of how networks are provisioned, stored or asked for.
 */
@NullMarked
package dev.shadowplane.control.model;

import org.jspecify.annotations.NullMarked;
