package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalLedger;
import dev.shadowplane.dataplane.journal.JournalOptions;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalState;
import dev.shadowplane.dataplane.journal.JournalWriter;
import dev.shadowplane.dataplane.journal.PortCounters;
import dev.shadowplane.dataplane.journal.ShedReason;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.pcap.Direction;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/** A journal that is written, of frames of every kind, each computed from its number alone. */
public final class LiveJournal implements AutoCloseable {
  public static final long FIRST_NS = 1_790_000_000_000_000_000L;
  public static final long STEP_NS = 100_000_000L;
  public static final Map<Integer, String> RULES = Map.of(3, "web", 4, "dns", 9, "rest");

  private static final int UPLINK = 0;
  private static final int VM = 5;
  private static final List<JournalPort> PORTS =
      List.of(
          new JournalPort(UPLINK, "uplink", LinkType.ETHERNET),
          new JournalPort(VM, "vm-5", LinkType.ETHERNET));

  private final JournalWriter writer;
  private final UnsafeBuffer message =
      new UnsafeBuffer(ByteBuffer.allocateDirect(JournalRing.FRAME_OFFSET + 2_000));

  /**
   * A frame as it is journaled, and what is expected of its export.
   *
   * @param number counted from 0
   * @param captured its bytes, cut for some
   * @param originalLength before that
   */
  public record Sample(long number, UnsafeBuffer captured, int originalLength) {
    /** When it came, nanoseconds since the epoch. */
    public long timestampNs() {
      return FIRST_NS + number * STEP_NS;
    }

    /** The name of the rule that chose it. */
    public String rule() {
      return switch ((int) (number % 4)) {
        case 0, 1 -> "web";
        case 2 -> "dns";
        default -> "rest";
      };
    }

    /** The port that it passed. */
    public String port() {
      return number % 3 == 0 ? "uplink" : "vm-5";
    }

    /** How it passed that. */
    public int direction() {
      return number % 5 == 0 ? Direction.OUTBOUND : Direction.INBOUND;
    }

    /** Its flow hash; none for some. */
    public int flowHash() {
      return number % 7 == 0 ? 0 : (int) (number * 0x9E37_79B9L);
    }

    /** What pcapng says about it. */
    public String comment() {
      return "rule " + rule() + (flowHash() == 0 ? "" : String.format(", flow %08x", flowHash()));
    }
  }

  /** Opens it for writing. */
  public LiveJournal(Path folder) throws IOException {
    writer =
        new JournalWriter(
            JournalOptions.of(folder, 1, PORTS),
            new Nothing(),
            new Nothing(),
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
    writer.rules(RULES);
  }

  /** The frame of a number. */
  public static Sample sample(long number) {
    final int port = 1_024 + (int) (number % 11);
    final byte[] frame =
        switch ((int) (number % 4)) {
          case 0 ->
              Frames.ethernet()
                  .ipv4("10.0.0.1", "10.0.0.2")
                  .tcp(port, 80, Frames.ACK)
                  .payload((int) (number % 300))
                  .bytes();
          case 1 ->
              Frames.ethernet()
                  .vlan(100)
                  .ipv4("10.0.0.2", "10.0.0.1")
                  .tcp(80, port, Frames.ACK)
                  .payload((int) (number % 1_200))
                  .bytes();
          case 2 ->
              Frames.ethernet()
                  .ipv6("2001:db8::1", "2001:db8::2")
                  .udp(port, 53)
                  .payload(30)
                  .bytes();
          default -> Frames.ethernet().ipv4("10.0.0.9", "10.9.8.7").echo(true, 7).bytes();
        };
    final byte[] captured =
        number % 6 == 0 ? java.util.Arrays.copyOf(frame, Math.min(frame.length, 64)) : frame;
    return new Sample(number, new UnsafeBuffer(captured), frame.length);
  }

  /** Journals frames [from, to), with their own times. */
  public void write(long from, long to) {
    for (long number = from; number < to; number++) {
      final Sample sample = sample(number);
      write(sample, sample.timestampNs());
    }
    writer.flush();
  }

  /** Journals a frame as of this moment. */
  public void writeNow(long number) {
    final java.time.Instant now = java.time.Instant.now();
    write(sample(number), now.getEpochSecond() * 1_000_000_000L + now.getNano());
    writer.flush();
  }

  private void write(Sample sample, long timestampNs) {
    final int rule =
        RULES.entrySet().stream()
            .filter(entry -> entry.getValue().equals(sample.rule()))
            .findFirst()
            .orElseThrow()
            .getKey();
    message.putLong(JournalRing.TIMESTAMP_OFFSET, timestampNs, ByteOrder.LITTLE_ENDIAN);
    message.putInt(JournalRing.RULE_ID_OFFSET, rule, ByteOrder.LITTLE_ENDIAN);
    message.putInt(
        JournalRing.ORIGINAL_LENGTH_OFFSET, sample.originalLength, ByteOrder.LITTLE_ENDIAN);
    message.putInt(
        JournalRing.SOURCE_OFFSET,
        JournalRing.source(sample.port().equals("uplink") ? UPLINK : VM, sample.direction(), 0),
        ByteOrder.LITTLE_ENDIAN);
    message.putInt(JournalRing.FLOW_HASH_OFFSET, sample.flowHash(), ByteOrder.LITTLE_ENDIAN);
    final int length = sample.captured.capacity();
    message.putBytes(JournalRing.FRAME_OFFSET, sample.captured, 0, length);
    writer.append(0, message, 0, JournalRing.FRAME_OFFSET + length);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Nothing implements JournalLedger, PortCounters {
    @Override
    public void journaled(int ruleId, long frames, long bytes) {}

    @Override
    public void shed(int ruleId, ShedReason reason, long frames) {
      throw new IllegalStateException(frames + " frames were shed: " + reason);
    }

    @Override
    public void state(JournalState state, String reason) {}

    @Override
    public long receivedFrames(int portIndex) {
      return 0;
    }

    @Override
    public long shedFrames(int portIndex) {
      return 0;
    }
  }
}
