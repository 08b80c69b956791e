package dev.shadowplane.dataplane.packet;

import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HexFormat;

/** A record as the parser wrote it, read back by name. */
final class ParsedRecord {
  static final String KEY = "000102030405060708090a0b0c0d0e0f";

  private final byte[] bytes;

  private ParsedRecord(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Parses a whole frame. */
  static ParsedRecord of(byte[] frame) {
    return of(frame, frame.length, frame.length, 0);
  }

  /**
   * Parses a frame of which {@code available} bytes can be read; what lies behind them in memory is
   * filled with {@code behind}, and must not matter.
   */
  static ParsedRecord of(byte[] frame, int available, int frameLength, int behind) {
    try (Arena arena = Arena.ofConfined()) {
      final long address = NativeMemory.allocate(arena, available + 128L, 8);
      final long record = NativeMemory.allocate(arena, PacketRecord.LONG_BYTES, 8);
      NativeMemory.copy(frame, address, available);
      for (int i = 0; i < 128; i++) {
        NativeMemory.putByte(address + available + i, behind);
      }
      for (int i = 0; i < PacketRecord.LONG_BYTES; i++) {
        NativeMemory.putByte(record + i, 0xa5);
      }
      final FrameParser parser = new FrameParser(FlowHash.ofHex(KEY));
      final int written = parser.parse(address, available, frameLength, 3, record);
      final int kind = NativeMemory.getUnsignedByte(record + PacketRecord.KIND);
      final byte[] bytes = new byte[PacketRecord.lengthBytes(kind)];
      NativeMemory.copy(record, bytes, bytes.length);
      final ParsedRecord parsed = new ParsedRecord(bytes);
      if (parsed.flags() != written) {
        throw new AssertionError("returned " + written + ", wrote " + parsed);
      }
      return parsed;
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int kind() {
    return u8(PacketRecord.KIND);
  }

  int protocol() {
    return u8(PacketRecord.PROTOCOL);
  }

  int tcpFlags() {
    return u8(PacketRecord.TCP_FLAGS);
  }

  int flags() {
    return u8(PacketRecord.FLAGS);
  }

  int ingressPort() {
    return u8(PacketRecord.INGRESS_PORT);
  }

  int vlanTci() {
    return wire16(PacketRecord.VLAN_TCI);
  }

  int innerVlanTci() {
    return wire16(PacketRecord.INNER_VLAN_TCI);
  }

  int frameLength() {
    return u16(PacketRecord.FRAME_LENGTH) | u8(PacketRecord.FRAME_LENGTH + 2) << 16;
  }

  int hash() {
    return u16(PacketRecord.FLOW_HASH) | u16(PacketRecord.FLOW_HASH + 2) << 16;
  }

  int sourcePort() {
    return wire16(PacketRecord.SOURCE_PORT);
  }

  int destinationPort() {
    return wire16(PacketRecord.DESTINATION_PORT);
  }

  int etherType() {
    return wire16(PacketRecord.ETHER_TYPE);
  }

  int ipLength() {
    return wire16(PacketRecord.IP_LENGTH);
  }

  byte[] sourceAddress() {
    return address(PacketRecord.SOURCE_ADDRESS);
  }

  byte[] destinationAddress() {
    return address(
        kind() == PacketRecord.KIND_IPV4
            ? PacketRecord.DESTINATION_ADDRESS_IPV4
            : PacketRecord.DESTINATION_ADDRESS_IPV6);
  }

  boolean has(int flag) {
    return (flags() & flag) != 0;
  }

  private byte[] address(int offset) {
    final int length = kind() == PacketRecord.KIND_IPV4 ? 4 : 16;
    return Arrays.copyOfRange(bytes, offset, offset + length);
  }

  private int u8(int offset) {
    return bytes[offset] & 0xff;
  }

  int tos() {
    return u8(PacketRecord.TOS);
  }

  private int wire16(int offset) {
    return u8(offset) << 8 | u8(offset + 1);
  }

  private int u16(int offset) {
    return u8(offset) | u8(offset + 1) << 8;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParsedRecord record && Arrays.equals(bytes, record.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
