/**
 * Who may talk to control: the local certificate authority, and the certificates and keys that it
 * issues.
 */
@NullMarked
package dev.shadowplane.control.security;

import org.jspecify.annotations.NullMarked;
