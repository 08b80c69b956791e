package dev.shadowplane.dataplane.mirror;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.function.ToIntFunction;

/**
 * Selectors of mirror rules for frames that have no record yet. For one thread; allocates nothing a
 * frame.
 */
public final class FrameMatch implements AutoCloseable {
  private static final int MAX_VIEWED_BYTES = 65_535;

  private final boolean all;
  private final CompiledMatch match;
  private final FrameParser parser;
  private final PacketView view;
  private final long record = NativeMemory.allocate(PacketRecord.LONG_BYTES, Long.BYTES);

  /**
   * Compiles the selectors.
   *
   * @param match which frames
   * @param ports gives a number to each ingress port that they name, below 255
   * @param flowHash the hash of flows
   * @throws dev.shadowplane.dpdk.DpdkException when a filter does not compile
   */
  public FrameMatch(Match match, ToIntFunction<String> ports, FlowHash flowHash) {
    all = match.matchesAll();
    this.match = new CompiledMatch(match, ports);
    parser = new FrameParser(flowHash);
    view = new PacketView(flowHash);
  }

  /**
   * Whether a frame matches.
   *
   * @param frame its address
   * @param captured the bytes that are there
   * @param length its length on its link
   * @param port the number of the port that it came in by
   * @return true also without any selector
   */
  public boolean matches(long frame, int captured, int length, int port) {
    if (all) {
      return true;
    }
    final int available = Math.min(captured, MAX_VIEWED_BYTES);
    parser.parse(frame, available, length, port, record);
    return match.matches(view.of(record, frame, available, length));
  }

  @Override
  public void close() {
    match.close();
  }
}
