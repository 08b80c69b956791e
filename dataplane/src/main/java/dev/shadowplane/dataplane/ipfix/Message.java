package dev.shadowplane.dataplane.ipfix;

import java.nio.ByteBuffer;

/**
 * A finished message.
 *
 * @param bytes the message, from the position to the limit
 * @param records data records in it
 * @param templates template records in it
 */
record Message(ByteBuffer bytes, int records, int templates) {}
