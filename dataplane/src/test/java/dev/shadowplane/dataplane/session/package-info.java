@NullMarked
package dev.shadowplane.dataplane.session;

import org.jspecify.annotations.NullMarked;
