/**
 * What a template comes to: the items that provisioners bring about, and the data plane's rules. It
 * does nothing itself.
 */
@NullMarked
package dev.shadowplane.control.plan;

import org.jspecify.annotations.NullMarked;
