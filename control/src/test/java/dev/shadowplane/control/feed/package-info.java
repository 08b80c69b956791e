@NullMarked
package dev.shadowplane.control.feed;

import org.jspecify.annotations.NullMarked;
