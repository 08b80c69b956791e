/**
 * The provisioner whose work an orchestrator outside of this process does: it is given actions,
 * carries them out and acknowledges each.
 */
@NullMarked
package dev.shadowplane.control.provision.external;

import org.jspecify.annotations.NullMarked;
