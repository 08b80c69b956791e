package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.mirror.FrameMatch;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.ArrayList;
import java.util.List;

/** Decides which frames of a source are replayed. One thread; allocates nothing a frame. */
final class FrameSelector implements AutoCloseable {
  /** Of a port that no selector names; a record has a byte for it. */
  private static final int OTHER = 255;

  private final List<String> ports = new ArrayList<>();
  private final FrameMatch match;
  private final FrameParser parser;
  private final long record = NativeMemory.allocate(PacketRecord.LONG_BYTES, 64);
  private String portName = "";
  private int port = OTHER;

  /**
   * Compiles selectors.
   *
   * @param match which frames
   * @param flowHash the hash of flows
   * @throws dev.shadowplane.dpdk.DpdkException when a filter does not compile
   */
  FrameSelector(Match match, FlowHash flowHash) {
    this.match = new FrameMatch(match, this::index, flowHash);
    this.parser = new FrameParser(flowHash);
  }

  private int index(String name) {
    if (!ports.contains(name)) {
      ports.add(name);
    }
    return ports.indexOf(name);
  }

  boolean selects(FrameSource source, int length) {
    return match.matches(source.frameAddress(), length, length, port(source));
  }

  private int port(FrameSource source) {
    if (ports.isEmpty()) {
      return OTHER;
    }
    final String name = source.portName();
    if (!name.equals(portName)) {
      portName = name;
      port = ports.contains(name) ? ports.indexOf(name) : OTHER;
    }
    return port;
  }

  /** The hash of a frame's flow. */
  int hash(long frame, int length) {
    parser.parse(frame, length, length, OTHER, record);
    return NativeMemory.getInt(record + PacketRecord.FLOW_HASH);
  }

  @Override
  public void close() {
    match.close();
  }
}
