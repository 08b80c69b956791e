/**
 * Feeding real servers: sessions of production are driven against a shadow's services, and the
 * answers of both compared. It knows nothing of how a shadow is made, nor of transport.
 */
@NullMarked
package dev.shadowplane.control.feed;

import org.jspecify.annotations.NullMarked;
