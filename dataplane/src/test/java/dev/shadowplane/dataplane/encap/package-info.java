/** Tests of copies: encapsulated, cut, marked, rewritten. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.encap;
