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
    return of(
        frame,
        available,
        behind,
        (address, record) ->
            new FrameParser(FlowHash.ofHex(KEY)).parse(address, available, frameLength, 3, record));
  }

  /** Makes the full record of a whole frame. */
  static ParsedRecord full(byte[] frame, boolean inner) {
    return full(frame, frame.length, frame.length, 0, inner);
  }

  /** Makes a full record; parameters as for a lean one. */
  static ParsedRecord full(
      byte[] frame, int available, int frameLength, int behind, boolean inner) {
    return of(
        frame,
        available,
        behind,
        (address, record) ->
            new FullRecordParser(FlowHash.ofHex(KEY), inner)
                .parse(address, available, frameLength, 3, record));
  }

  private interface Parse {
    int parse(long frame, long record);
  }

  private static ParsedRecord of(byte[] frame, int available, int behind, Parse parse) {
    try (Arena arena = Arena.ofConfined()) {
      final long address = NativeMemory.allocate(arena, available + 128L, 8);
      final int room = PacketRecord.LONG_BYTES + RecordExtension.BYTES;
      final long record = NativeMemory.allocate(arena, room, 8);
      NativeMemory.copy(frame, address, available);
      for (int i = 0; i < 128; i++) {
        NativeMemory.putByte(address + available + i, behind);
      }
      for (int i = 0; i < room; i++) {
        NativeMemory.putByte(record + i, 0xa5);
      }
      final int written = parse.parse(address, record);
      final byte[] bytes = new byte[PacketRecord.totalBytes(NativeMemory.getUnsignedShort(record))];
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

  int trafficClass() {
    return u8(PacketRecord.TRAFFIC_CLASS);
  }

  int vlanTci() {
    return wire16(PacketRecord.VLAN_TCI);
  }

  int innerVlanTci() {
    return wire16(PacketRecord.INNER_VLAN_TCI);
  }

  long frameLength() {
    return PacketRecord.frameLength(u16(0), u32(PacketRecord.FRAME_LENGTH));
  }

  boolean isFragment() {
    return has(PacketRecord.FLAG_FIRST_FRAGMENT | PacketRecord.FLAG_LATER_FRAGMENT);
  }

  /** The identification of a fragment's datagram. */
  int fragmentId() {
    return kind() == PacketRecord.KIND_IPV4
        ? wire16(PacketRecord.FRAGMENT_ID_IPV4)
        : wire32(PacketRecord.FRAGMENT_ID_IPV6);
  }

  /** The lean part. */
  byte[] lean() {
    return Arrays.copyOf(bytes, PacketRecord.lengthBytes(kind()));
  }

  byte[] destinationMac() {
    return extension(RecordExtension.DESTINATION_MAC, 6);
  }

  byte[] sourceMac() {
    return extension(RecordExtension.SOURCE_MAC, 6);
  }

  long tcpSequence() {
    return Integer.toUnsignedLong(wire32(at(RecordExtension.TCP_SEQUENCE)));
  }

  long tcpAcknowledgement() {
    return Integer.toUnsignedLong(wire32(at(RecordExtension.TCP_ACKNOWLEDGEMENT)));
  }

  int tcpWindow() {
    return wire16(at(RecordExtension.TCP_WINDOW));
  }

  int tcpPayload() {
    return u16(at(RecordExtension.TCP_PAYLOAD));
  }

  int vni() {
    return u32(at(RecordExtension.VNI)) & 0xff_ffff;
  }

  int extensionFlags() {
    return u8(at(RecordExtension.FLAGS));
  }

  int rule() {
    return u32(at(RecordExtension.RULE)) & 0xff_ffff;
  }

  int hopLimit() {
    return u8(at(RecordExtension.HOP_LIMIT));
  }

  private byte[] extension(int offset, int length) {
    return Arrays.copyOfRange(bytes, at(offset), at(offset) + length);
  }

  private int at(int offset) {
    if (!has(PacketRecord.FLAG_FULL)) {
      throw new IllegalStateException("lean: " + this);
    }
    return PacketRecord.lengthBytes(kind()) + offset;
  }

  private int u32(int offset) {
    return u16(offset) | u16(offset + 2) << 16;
  }

  private int wire32(int offset) {
    return wire16(offset) << 16 | wire16(offset + 2);
  }

  int hash() {
    return u32(PacketRecord.FLOW_HASH);
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

  private int u16(int offset) {
    return u8(offset) | u8(offset + 1) << 8;
  }

  private int wire16(int offset) {
    return u8(offset) << 8 | u8(offset + 1);
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
