/**
 * Makes frames anonymous in place: addresses by Crypto-PAn, MAC addresses by a keyed permutation,
 * payload blanked or cut off, checksums kept as right as they were.
 */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.privacy;
