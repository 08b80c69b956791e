package dev.shadowplane.dataplane.session;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;

import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Finds the TCP segment in an Ethernet frame, of fragments when the last one comes. No frame makes
 * it fail: what is no segment is counted. One thread.
 */
final class SegmentParser {
  private static final int TCP = 6;
  private static final int TCP_BYTES = 20;
  private static final int FRAGMENT =
      PacketRecord.FLAG_FIRST_FRAGMENT | PacketRecord.FLAG_LATER_FRAGMENT;

  private final SessionCounts counts;
  private final FrameParser parser;
  private final long record = NativeMemory.allocate(PacketRecord.LONG_BYTES, Long.BYTES);
  private final DatagramReassembly datagrams;
  private final TcpSegment segment = new TcpSegment();

  SegmentParser(SessionCounts counts) {
    this.counts = counts;
    // A fresh key: whoever sends the frames cannot aim sessions at one place of a table.
    final byte[] key = new byte[FlowHash.KEY_BYTES];
    new SecureRandom().nextBytes(key);
    parser = new FrameParser(new FlowHash(key));
    datagrams = new DatagramReassembly(counts);
  }

  /** The segment of the frame, reused by the next call; null when there is none yet. */
  @Nullable TcpSegment parse(long frame, int captured, long timestampNs) {
    final int flags = parser.parse(frame, captured, captured, 0, record);
    if (getUnsignedByte(record + PacketRecord.KIND) == PacketRecord.KIND_OTHER
        || getUnsignedByte(record + PacketRecord.PROTOCOL) != TCP) {
      counts.otherFrames++;
      return null;
    }
    if ((flags & FRAGMENT) == 0) {
      return segment(frame, captured, timestampNs);
    }
    if (!datagrams.add(frame, captured, parser.networkOffset(), timestampNs)) {
      return null;
    }
    final long whole = datagrams.frame();
    parser.parse(whole, datagrams.frameBytes(), datagrams.frameBytes(), 0, record);
    return segment(whole, datagrams.frameBytes(), timestampNs);
  }

  private @Nullable TcpSegment segment(long frame, int captured, long timestampNs) {
    final int transport = parser.transportOffset();
    if (transport == 0 || captured - transport < TCP_BYTES) {
      counts.malformedFrames++;
      return null;
    }
    final long tcp = frame + transport;
    final int header = (getUnsignedByte(tcp + 12) >>> 4) * 4;
    final int end =
        parser.networkOffset()
            + PacketRecord.number(getUnsignedShort(record + PacketRecord.IP_LENGTH));
    if (header < TCP_BYTES || end < transport + header) {
      counts.malformedFrames++;
      return null;
    }
    segment.sequence = Integer.reverseBytes(getInt(tcp + 4));
    segment.acknowledgement = Integer.reverseBytes(getInt(tcp + 8));
    segment.flags = getUnsignedByte(tcp + 13);
    segment.length = end - transport - header;
    segment.captured = Math.max(0, Math.min(end, captured) - transport - header);
    segment.payload = tcp + header;
    segment.timestampNs = timestampNs;
    segment.flowHash = getInt(record + PacketRecord.FLOW_HASH);
    segment.sourcePort = PacketRecord.number(getUnsignedShort(record + PacketRecord.SOURCE_PORT));
    segment.destinationPort =
        PacketRecord.number(getUnsignedShort(record + PacketRecord.DESTINATION_PORT));
    addresses();
    return segment;
  }

  private void addresses() {
    segment.ipv6 = getUnsignedByte(record + PacketRecord.KIND) == PacketRecord.KIND_IPV6;
    if (segment.ipv6) {
      segment.sourceHigh = word(PacketRecord.SOURCE_ADDRESS);
      segment.sourceLow = word(PacketRecord.SOURCE_ADDRESS + 8);
      segment.destinationHigh = word(PacketRecord.DESTINATION_ADDRESS_IPV6);
      segment.destinationLow = word(PacketRecord.DESTINATION_ADDRESS_IPV6 + 8);
    } else {
      segment.sourceHigh = 0;
      segment.sourceLow = half(PacketRecord.SOURCE_ADDRESS);
      segment.destinationHigh = 0;
      segment.destinationLow = half(PacketRecord.DESTINATION_ADDRESS_IPV4);
    }
  }

  private long word(int at) {
    return Long.reverseBytes(getLong(record + at));
  }

  private long half(int at) {
    return Integer.toUnsignedLong(Integer.reverseBytes(getInt(record + at)));
  }
}
