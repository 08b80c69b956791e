/**
 * Making networks real: items that ought to be there, and provisioners that bring them about and
 * tell what is there. It knows nothing of templates and shadows.
 */
@NullMarked
package dev.shadowplane.control.provision;

import org.jspecify.annotations.NullMarked;
