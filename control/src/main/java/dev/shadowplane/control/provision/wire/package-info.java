/**
 * A provisioner in another process, behind a Unix socket: requests and answers as JSON behind their
 * length, one connection for each call.
 */
@NullMarked
package dev.shadowplane.control.provision.wire;

import org.jspecify.annotations.NullMarked;
