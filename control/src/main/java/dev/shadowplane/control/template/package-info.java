/**
 * Templates: files in which people describe a production network and its shadow. It knows nothing
 * of how they are brought about.
 */
@NullMarked
package dev.shadowplane.control.template;

import org.jspecify.annotations.NullMarked;
