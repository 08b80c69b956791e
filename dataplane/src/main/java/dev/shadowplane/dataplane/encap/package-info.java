/**
 * Copies that are not the received frame itself: cut, marked, rewritten, or encapsulated for a
 * collector. One mechanism for all: a header mbuf with what is new or changed, before indirect
 * mbufs that view the rest of the received frame, of which no byte is copied or written.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.encap;
