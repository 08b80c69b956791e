/**
 * Sessions: the TCP connections of named services, put together again from frames of a journal or a
 * capture, with what each end had seen when it sent. It drives nothing and knows no application but
 * by its first bytes.
 */
@NullMarked
package dev.shadowplane.dataplane.session;

import org.jspecify.annotations.NullMarked;
