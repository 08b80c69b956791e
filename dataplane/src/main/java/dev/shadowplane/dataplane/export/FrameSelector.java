package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.journal.JournalSession;
import dev.shadowplane.dataplane.mirror.CompiledMatch;
import dev.shadowplane.dataplane.mirror.PacketView;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.pcap.Direction;
import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.collections.Int2IntHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the frames of a journal, by the selectors of mirror rules. Allocates nothing a
 * frame. For one thread.
 */
final class FrameSelector implements AutoCloseable {
  private static final int MAX_VIEWED_BYTES = 65_535;

  /** The port of a record of which no selector speaks. */
  private static final int OTHER_PORT = 255;

  /** A port whose frames no selector can be asked about. */
  private static final int NOT_ETHERNET = -1;

  private static final int UNWANTED = -2;
  private static final int MISSING = -3;

  /** Those not in use: their memory is native and never freed. */
  private static final Queue<Scratch> SCRATCHES = new ConcurrentLinkedQueue<>();

  private final FrameSelection selection;
  private final List<CompiledMatch> matches = new ArrayList<>();
  private final List<String> ingressPorts = new ArrayList<>();
  private final Int2IntHashMap ports = new Int2IntHashMap(MISSING);
  private final Scratch scratch;
  private @Nullable JournalSession session;
  private long sessionNs = Long.MIN_VALUE;

  /** What a frame is parsed into and viewed by. */
  private static final class Scratch {
    private final FlowHash flowHash = new FlowHash(new byte[FlowHash.KEY_BYTES]);
    private final FrameParser parser = new FrameParser(flowHash);
    private final PacketView view = new PacketView(flowHash);
    private final long record = NativeMemory.allocate(PacketRecord.LONG_BYTES, Long.BYTES);

    private static Scratch take() {
      Scratch idle = SCRATCHES.poll();
      return idle == null ? new Scratch() : idle;
    }
  }

  /**
   * Compiles the selectors.
   *
   * @throws dev.shadowplane.dpdk.DpdkException when a filter does not compile
   */
  FrameSelector(FrameSelection selection) {
    this.selection = selection;
    for (Match match : selection.matches()) {
      if (!match.matchesAll()) {
        matches.add(new CompiledMatch(match, this::ingressPort));
      }
    }
    scratch = Scratch.take();
  }

  private int ingressPort(String name) {
    int known = ingressPorts.indexOf(name);
    if (known >= 0) {
      return known;
    }
    ingressPorts.add(name);
    return ingressPorts.size() - 1;
  }

  /** Whether the reader's frame is selected. */
  boolean selects(JournalReader frame) {
    if (selection.direction() != Direction.UNKNOWN && frame.direction() != selection.direction()) {
      return false;
    }
    if (!selection.rules().isEmpty()) {
      String rule = frame.ruleName();
      if (rule == null || !selection.rules().contains(rule)) {
        return false;
      }
    }
    if (selection.ports().isEmpty() && matches.isEmpty()) {
      return true;
    }
    int port = port(frame);
    if (port == UNWANTED) {
      return false;
    }
    return matches.isEmpty() || (port != NOT_ETHERNET && matches(frame, port));
  }

  private boolean matches(JournalReader frame, int port) {
    long address = frame.frameAddress();
    int available = Math.min(frame.capturedLengthBytes(), MAX_VIEWED_BYTES);
    int length = Math.max(available, frame.originalLengthBytes());
    scratch.parser.parse(address, available, length, port, scratch.record);
    PacketView packet = scratch.view.of(scratch.record, address, available, length);
    for (int i = 0; i < matches.size(); i++) {
      if (!matches.get(i).matches(packet)) {
        return false;
      }
    }
    return true;
  }

  private int port(JournalReader frame) {
    JournalSession current = frame.session();
    long currentNs = current == null ? Long.MIN_VALUE : current.startNs();
    if (currentNs != sessionNs) {
      sessionNs = currentNs;
      session = current;
      ports.clear();
    }
    int index = ports.get(frame.portIndex());
    if (index == MISSING) {
      index = judge(ExportInterfaces.port(session, frame.portIndex()));
      ports.put(frame.portIndex(), index);
    }
    return index;
  }

  private int judge(JournalPort port) {
    if (!selection.wantsPort(port.name())) {
      return UNWANTED;
    }
    if (port.linkType() != LinkType.ETHERNET) {
      return NOT_ETHERNET;
    }
    int named = ingressPorts.indexOf(port.name());
    return named < 0 ? OTHER_PORT : named;
  }

  @Override
  public void close() {
    matches.forEach(CompiledMatch::close);
    SCRATCHES.add(scratch);
  }
}
