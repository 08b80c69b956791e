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
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/** A journal with frames of random contents, a microsecond apart. */
public final class TestJournal {
  public static final long FIRST_NS = 1_790_000_000_000_000_000L;
  public static final long STEP_NS = 1_000;
  public static final int FRAME_BYTES = 1_000;

  private TestJournal() {}

  public static void write(final Path folder, final int frames) throws IOException {
    final UnsafeBuffer message =
        new UnsafeBuffer(
            java.nio.ByteBuffer.allocateDirect(JournalRing.FRAME_OFFSET + FRAME_BYTES));
    final byte[] frame = new byte[FRAME_BYTES];
    final Random random = new Random(42);
    try (JournalWriter writer =
        new JournalWriter(
            JournalOptions.of(folder, 1, List.of(new JournalPort(0, "client", LinkType.ETHERNET))),
            new NoLedger(),
            new NoCounters(),
            SystemEpochClock.INSTANCE,
            SystemNanoClock.INSTANCE)) {
      for (int i = 0; i < frames; i++) {
        random.nextBytes(frame);
        message.putLong(
            JournalRing.TIMESTAMP_OFFSET, FIRST_NS + i * STEP_NS, ByteOrder.LITTLE_ENDIAN);
        message.putInt(JournalRing.ORIGINAL_LENGTH_OFFSET, FRAME_BYTES, ByteOrder.LITTLE_ENDIAN);
        message.putInt(
            JournalRing.SOURCE_OFFSET,
            JournalRing.source(0, Direction.INBOUND, 0),
            ByteOrder.LITTLE_ENDIAN);
        message.putBytes(JournalRing.FRAME_OFFSET, frame);
        writer.append(0, message, 0, JournalRing.FRAME_OFFSET + FRAME_BYTES);
      }
    }
  }

  private static final class NoLedger implements JournalLedger {
    @Override
    public void journaled(final int ruleId, final long frames, final long bytes) {}

    @Override
    public void shed(final int ruleId, final ShedReason reason, final long frames) {
      throw new IllegalStateException(frames + " frames were shed: " + reason);
    }

    @Override
    public void state(final JournalState state, final String reason) {}
  }

  private static final class NoCounters implements PortCounters {
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
