package dev.shadowplane.dataplane.session;

import dev.shadowplane.dpdk.NativeMemory;

/** The TCP segment that a parser found last: numbers, and where its bytes lie. */
final class TcpSegment {
  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;

  boolean ipv6;
  long sourceHigh;
  long sourceLow;
  int sourcePort;
  long destinationHigh;
  long destinationLow;
  int destinationPort;
  int flowHash;
  int sequence;
  int acknowledgement;
  int flags;

  /** Bytes of payload as the headers say. */
  int length;

  /** How many of them are there. */
  int captured;

  /** Where they are, until the source moves on. */
  long payload;

  long timestampNs;

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  byte[] bytes(int from, int count) {
    final byte[] bytes = new byte[count];
    NativeMemory.copy(payload + from, bytes, count);
    return bytes;
  }
}
