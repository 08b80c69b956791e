/**
 * The Shadow Network Manager: keeps the networks that templates describe, and their shadows, as
 * they are described. It knows provisioners and mirrors by their interfaces, and no transport.
 */
@NullMarked
package dev.shadowplane.control.shadow;

import org.jspecify.annotations.NullMarked;
