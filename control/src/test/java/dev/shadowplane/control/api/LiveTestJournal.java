package dev.shadowplane.control.api;

import dev.shadowplane.dataplane.journal.JournalLedger;
import dev.shadowplane.dataplane.journal.JournalOptions;
import dev.shadowplane.dataplane.journal.JournalPort;
import dev.shadowplane.dataplane.journal.JournalRing;
import dev.shadowplane.dataplane.journal.JournalState;
import dev.shadowplane.dataplane.journal.JournalWriter;
import dev.shadowplane.dataplane.journal.PortCounters;
import dev.shadowplane.dataplane.journal.ShedReason;
import dev.shadowplane.dataplane.pcap.Direction;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/** A journal as it is written: UDP frames of two rules, as of the moment. */
public final class LiveTestJournal implements AutoCloseable {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final Map<Integer, String> RULES = Map.of(0, "web", 1, "dns", 2, "all");
  private static final int PAYLOAD_OFFSET = 42;
  private static final byte[] UDP =
      HexFormat.of()
          .parseHex(
              "0200000000020200000000010800450000200001000040110000"
                  + "0a0000010a00000204d20035000c00000000000000000000");

  private final JournalWriter writer;
  private final UnsafeBuffer message =
      new UnsafeBuffer(ByteBuffer.allocateDirect(JournalRing.FRAME_OFFSET + UDP.length));

  public LiveTestJournal(final Path folder) throws IOException {
    writer =
        new JournalWriter(
            JournalOptions.of(folder, 1, List.of(new JournalPort(0, "client", LinkType.ETHERNET))),
            new Nothing(),
            new Nothing(),
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE);
    writer.rules(RULES);
  }

  /** Journals one frame of the rule 0 (web, to port 80) or 1 (dns, to port 53). */
  public void write(final int rule, final long number) {
    final Instant now = Instant.now();
    message.putLong(
        JournalRing.TIMESTAMP_OFFSET,
        now.getEpochSecond() * SECOND_NS + now.getNano(),
        ByteOrder.LITTLE_ENDIAN);
    message.putInt(JournalRing.RULE_ID_OFFSET, rule, ByteOrder.LITTLE_ENDIAN);
    message.putInt(JournalRing.ORIGINAL_LENGTH_OFFSET, UDP.length, ByteOrder.LITTLE_ENDIAN);
    message.putInt(
        JournalRing.SOURCE_OFFSET,
        JournalRing.source(0, Direction.INBOUND, 0),
        ByteOrder.LITTLE_ENDIAN);
    message.putBytes(JournalRing.FRAME_OFFSET, UDP);
    message.putShort(
        JournalRing.FRAME_OFFSET + 36, (short) (rule == 0 ? 80 : 53), ByteOrder.BIG_ENDIAN);
    message.putInt(JournalRing.FRAME_OFFSET + PAYLOAD_OFFSET, (int) number, ByteOrder.BIG_ENDIAN);
    writer.append(0, message, 0, JournalRing.FRAME_OFFSET + UDP.length);
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Nothing implements JournalLedger, PortCounters {
    @Override
    public void journaled(final int ruleId, final long frames, final long bytes) {}

    @Override
    public void shed(final int ruleId, final ShedReason reason, final long frames) {
      throw new IllegalStateException(frames + " frames were shed: " + reason);
    }

    @Override
    public void state(final JournalState state, final String reason) {
      if (state == JournalState.STOPPED) {
        throw new IllegalStateException(reason);
      }
    }

    @Override
    public long receivedFrames(final int portIndex) {
      return 0;
    }

    @Override
    public long shedFrames(final int portIndex) {
      return 0;
    }
  }
}
