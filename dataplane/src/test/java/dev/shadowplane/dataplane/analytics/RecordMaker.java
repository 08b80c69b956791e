package dev.shadowplane.dataplane.analytics;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dpdk.NativeMemory;
import java.lang.foreign.Arena;

/** Writes records field by field, also such as no frame would give. */
final class RecordMaker implements AutoCloseable {
  static final int TCP = 6;
  static final int UDP = 17;
  private static final int BYTES = PacketRecord.LONG_BYTES + RecordExtension.BYTES;
  private static final long NETWORK_HIGH = 0x1122_3344_5566_7788L;

  private final Arena arena = Arena.ofConfined();
  private final long[] records;
  private long record;
  private long extension;

  /** With room for so many records. */
  RecordMaker(int count) {
    records = new long[count];
    final long memory = NativeMemory.allocate(arena, (long) count * BYTES, Long.BYTES);
    for (int i = 0; i < count; i++) {
      records[i] = memory + (long) i * BYTES;
    }
    use(0);
  }

  /** Goes on to another record. */
  RecordMaker use(int number) {
    record = records[number];
    return this;
  }

  /** Begins an IPv4 record. */
  RecordMaker ipv4(int from, int to, int protocol, int fromPort, int toPort) {
    clear(PacketRecord.KIND_IPV4, protocol, fromPort, toPort);
    NativeMemory.putInt(record + PacketRecord.SOURCE_ADDRESS, Integer.reverseBytes(from));
    NativeMemory.putInt(record + PacketRecord.DESTINATION_ADDRESS_IPV4, Integer.reverseBytes(to));
    return this;
  }

  /** Begins an IPv6 record of addresses that differ in their last bytes. */
  RecordMaker ipv6(int from, int to, int protocol, int fromPort, int toPort) {
    clear(PacketRecord.KIND_IPV6, protocol, fromPort, toPort);
    final long source = record + PacketRecord.SOURCE_ADDRESS;
    final long destination = record + PacketRecord.DESTINATION_ADDRESS_IPV6;
    NativeMemory.putLong(source, NETWORK_HIGH);
    NativeMemory.putLong(source + Long.BYTES, Long.reverseBytes(from));
    NativeMemory.putLong(destination, NETWORK_HIGH);
    NativeMemory.putLong(destination + Long.BYTES, Long.reverseBytes(to));
    return this;
  }

  RecordMaker lengths(int frame, int ip) {
    final int flags = NativeMemory.getUnsignedByte(record + PacketRecord.FLAGS);
    final boolean fragment =
        (flags & (PacketRecord.FLAG_FIRST_FRAGMENT | PacketRecord.FLAG_LATER_FRAGMENT)) != 0;
    if (fragment && NativeMemory.getUnsignedByte(record) == PacketRecord.KIND_IPV4) {
      NativeMemory.putShort(record + PacketRecord.FRAME_LENGTH, frame);
    } else {
      NativeMemory.putInt(record + PacketRecord.FRAME_LENGTH, frame);
    }
    NativeMemory.putShort(record + PacketRecord.IP_LENGTH, PacketRecord.number(ip));
    return this;
  }

  RecordMaker tcpFlags(int flags) {
    NativeMemory.putByte(record + PacketRecord.TCP_FLAGS, flags);
    return this;
  }

  /** Makes it a fragment; lengths come after. */
  RecordMaker fragment(int identification, boolean first) {
    flag(first ? PacketRecord.FLAG_FIRST_FRAGMENT : PacketRecord.FLAG_LATER_FRAGMENT);
    if (NativeMemory.getUnsignedByte(record) == PacketRecord.KIND_IPV4) {
      NativeMemory.putShort(
          record + PacketRecord.FRAGMENT_ID_IPV4, PacketRecord.number(identification));
    } else {
      NativeMemory.putInt(record + PacketRecord.FRAGMENT_ID_IPV6, identification);
    }
    if (!first) {
      NativeMemory.putInt(record + PacketRecord.SOURCE_PORT, 0);
    }
    return this;
  }

  /** Makes it a full one, from and to MACs whose last bytes are given. */
  RecordMaker full(int fromMac, int toMac, int hopLimit, int rule) {
    flag(PacketRecord.FLAG_FULL);
    extension =
        record + PacketRecord.lengthBytes(NativeMemory.getUnsignedByte(record + PacketRecord.KIND));
    for (int at = 0; at < RecordExtension.BYTES; at += Long.BYTES) {
      NativeMemory.putLong(extension + at, 0);
    }
    NativeMemory.putByte(extension + RecordExtension.SOURCE_MAC, 2);
    NativeMemory.putByte(extension + RecordExtension.SOURCE_MAC + 5, fromMac);
    NativeMemory.putByte(extension + RecordExtension.DESTINATION_MAC, 2);
    NativeMemory.putByte(extension + RecordExtension.DESTINATION_MAC + 5, toMac);
    NativeMemory.putInt(extension + RecordExtension.RULE, rule | hopLimit << 24);
    return this;
  }

  RecordMaker tunnel(int which, int vni) {
    NativeMemory.putInt(extension + RecordExtension.VNI, vni | which << 24);
    return this;
  }

  RecordMaker segment(int sequence, int acknowledgement, int window, int payload) {
    NativeMemory.putInt(extension + RecordExtension.TCP_SEQUENCE, Integer.reverseBytes(sequence));
    NativeMemory.putInt(
        extension + RecordExtension.TCP_ACKNOWLEDGEMENT, Integer.reverseBytes(acknowledgement));
    NativeMemory.putShort(extension + RecordExtension.TCP_WINDOW, window);
    NativeMemory.putShort(extension + RecordExtension.TCP_PAYLOAD, payload);
    NativeMemory.putByte(
        extension + RecordExtension.FLAGS,
        NativeMemory.getUnsignedByte(extension + RecordExtension.FLAGS) | RecordExtension.FLAG_TCP);
    return this;
  }

  /** Address of the present record. */
  long record() {
    return record;
  }

  @Override
  public void close() {
    arena.close();
  }

  private void clear(int kind, int protocol, int fromPort, int toPort) {
    for (int at = 0; at < BYTES; at += Long.BYTES) {
      NativeMemory.putLong(record + at, 0);
    }
    NativeMemory.putByte(record + PacketRecord.KIND, kind);
    NativeMemory.putByte(record + PacketRecord.PROTOCOL, protocol);
    NativeMemory.putShort(record + PacketRecord.SOURCE_PORT, PacketRecord.number(fromPort));
    NativeMemory.putShort(record + PacketRecord.DESTINATION_PORT, PacketRecord.number(toPort));
  }

  private void flag(int flag) {
    NativeMemory.putByte(
        record + PacketRecord.FLAGS,
        NativeMemory.getUnsignedByte(record + PacketRecord.FLAGS) | flag);
  }
}
