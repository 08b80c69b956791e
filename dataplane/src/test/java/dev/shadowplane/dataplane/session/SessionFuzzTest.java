package dev.shadowplane.dataplane.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** No frames make reassembly fail, tell of a session that is over, or keep what it held. */
final class SessionFuzzTest {
  private static final int ROUNDS = 300;
  private static final int FRAMES = 300;
  private static final SessionLimits LIMITS = new SessionLimits(8, 5_000, 12_000, 1_000_000_000L);

  @Test
  void hostileFramesAreDealtWith() {
    final long seed = System.nanoTime();
    final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    long delivered = 0;
    long ended = 0;
    for (int i = 0; i < ROUNDS; i++) {
      final Recorded told = new Recorded();
      final SessionReassembly reassembly =
          new SessionReassembly(
              List.of(new NamedService("web", Wire.SERVER_PORT, List.of())), LIMITS, told);
      final ListedFrames frames = new ListedFrames();
      long timeNs = 0;
      for (final byte[] frame : frames(random)) {
        timeNs += random.nextInt(20_000_000) - 1_000_000;
        frames.add(timeNs, frame);
      }
      try {
        frames.readBy(reassembly);
        assertThat(reassembly.heldBytes()).isBetween(0L, LIMITS.allHeldBytes());
        reassembly.end();
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + " round " + i, e);
      }
      assertThat(reassembly.heldBytes()).as("seed %d", seed).isZero();
      assertThat(told.sessions)
          .as("seed %d", seed)
          .allSatisfy(session -> assertThat(session.end).isNotEmpty());
      delivered += told.sessions.stream().mapToLong(session -> session.client.size()).sum();
      ended += told.sessions.stream().filter(session -> session.end.equals("ended")).count();
    }
    assertThat(delivered).as("seed %d", seed).isPositive();
    assertThat(ended).as("seed %d", seed).isPositive();
  }

  private static List<byte[]> frames(RandomGenerator random) {
    final List<byte[]> frames = new ArrayList<>();
    while (frames.size() < FRAMES) {
      final Wire wire = new Wire(random.nextInt(4) == 0, 1 + random.nextInt(12));
      final int sequence = (random.nextBoolean() ? 0 : -3_000) + random.nextInt(6_000);
      final int acknowledgement =
          random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(6_000) - 3_000;
      final byte[] payload = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(1_400)];
      random.nextBytes(payload);
      final int flags =
          switch (random.nextInt(10)) {
            case 0 -> Wire.SYN;
            case 1 -> Wire.SYN | Wire.ACK;
            case 2 -> Wire.FIN | Wire.ACK;
            case 3 -> Wire.RST;
            case 4 -> random.nextInt(256);
            default -> Wire.ACK;
          };
      final boolean ofClient = random.nextInt(3) > 0;
      final byte[] frame =
          ofClient
              ? wire.client(sequence, acknowledgement, flags, payload)
              : wire.server(sequence, acknowledgement, flags, payload);
      if (random.nextInt(4) == 0) {
        wire.fragments(frame, ofClient, random).forEach(part -> frames.add(mutated(part, random)));
      } else {
        frames.add(mutated(frame, random));
      }
    }
    return frames;
  }

  private static byte[] mutated(byte[] frame, RandomGenerator random) {
    if (random.nextInt(3) > 0) {
      return frame;
    }
    final byte[] changed =
        random.nextBoolean()
            ? frame.clone()
            : Arrays.copyOf(frame, random.nextInt(frame.length + 1));
    for (int i = random.nextInt(4); i > 0 && changed.length > 0; i--) {
      changed[random.nextInt(Math.min(changed.length, 90))] = (byte) random.nextInt(256);
    }
    return changed;
  }
}
