package dev.shadowplane.dataplane.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** However a conversation is cut, repeated, mixed up and wrapped, its bytes are the same. */
final class SessionPropertyTest {
  private static final int CONVERSATIONS = 400;
  private static final int MAX_BYTES = 20_000;
  private static final int MAX_SEGMENT = 1_500;
  private static final int MAX_DISPLACEMENT = 12;
  private static final long STEP_NS = 1_000_000;
  private static final byte[] NONE = {};

  @Test
  void anySegmentationGivesTheSameBytes() {
    final long seed = System.nanoTime();
    final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (int i = 0; i < CONVERSATIONS; i++) {
      final Conversation talk = new Conversation(random);
      final Recorded told = new Recorded();
      final SessionReassembly reassembly =
          new SessionReassembly(
              List.of(new NamedService("web", Wire.SERVER_PORT, List.of())),
              SessionLimits.DEFAULT,
              told);
      talk.frames().readBy(reassembly);
      reassembly.end();
      final String what = "seed " + seed + ", conversation " + i;
      assertThat(told.sessions).as(what).hasSize(1);
      final Recorded.One session = told.sessions.getFirst();
      assertThat(session.end).as(what).isEqualTo("ended");
      assertThat(session.client.toByteArray()).as(what).isEqualTo(talk.client);
      assertThat(session.server.toByteArray()).as(what).isEqualTo(talk.server);
      assertThat(session.log).as(what).filteredOn(line -> line.startsWith("CF@")).hasSize(1);
      assertThat(reassembly.heldBytes()).as(what).isZero();
    }
  }

  /** Two ends that send random bytes in turns, over a network that does what networks do. */
  private static final class Conversation {
    private final RandomGenerator random;
    private final byte[] client;
    private final byte[] server;
    private final int clientIsn;
    private final int serverIsn;
    private final Wire wire;
    private final List<byte[]> sent = new ArrayList<>();
    private int clientAt;
    private int serverAt;

    private Conversation(RandomGenerator random) {
      this.random = random;
      client = text(1 + random.nextInt(MAX_BYTES));
      server = text(random.nextInt(MAX_BYTES));
      clientIsn = random.nextBoolean() ? -random.nextInt(MAX_BYTES) : random.nextInt();
      serverIsn = random.nextBoolean() ? -random.nextInt(MAX_BYTES) : random.nextInt();
      wire = new Wire(random.nextBoolean(), 1024 + random.nextInt(60_000));
    }

    /** Bytes that no rule of openings knows. */
    private byte[] text(int length) {
      final byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) ('a' + random.nextInt(26));
      }
      return bytes;
    }

    private ListedFrames frames() {
      sent.add(wire.client(clientIsn, 0, Wire.SYN, NONE));
      sent.add(wire.server(serverIsn, clientIsn + 1, Wire.SYN | Wire.ACK, NONE));
      sent.add(wire.client(clientIsn + 1, serverIsn + 1, Wire.ACK, NONE));
      final int handshake = sent.size();
      while (clientAt < client.length || serverAt < server.length) {
        final boolean ofClient =
            serverAt == server.length || (clientAt < client.length && random.nextBoolean());
        send(ofClient);
      }
      end();
      // Frames near each other change places; those of the handshake come first.
      for (int i = handshake; i < sent.size(); i++) {
        Collections.swap(sent, i, Math.min(sent.size() - 1, i + random.nextInt(MAX_DISPLACEMENT)));
      }
      final ListedFrames frames = new ListedFrames();
      for (int i = 0; i < sent.size(); i++) {
        frames.add(i * STEP_NS, sent.get(i));
      }
      return frames;
    }

    private void send(boolean ofClient) {
      final byte[] all = ofClient ? client : server;
      final int at = ofClient ? clientAt : serverAt;
      final int count = Math.min(all.length - at, 1 + random.nextInt(MAX_SEGMENT));
      segment(ofClient, at, count, 0);
      if (ofClient) {
        clientAt += count;
      } else {
        serverAt += count;
      }
      if (random.nextInt(4) == 0) {
        // Again, cut otherwise, from anywhere before.
        final int from = Math.max(0, at - random.nextInt(2 * MAX_SEGMENT));
        segment(ofClient, from, 1 + random.nextInt(at + count - from), 0);
      }
      if (random.nextInt(10) == 0) {
        segment(ofClient, Math.max(0, at + count - 1), 1, 0); // A keep-alive with a byte.
      }
    }

    private void end() {
      segment(true, client.length, 0, Wire.FIN);
      if (random.nextBoolean()) {
        segment(true, client.length, 0, Wire.FIN);
      }
      segment(false, server.length, 0, Wire.FIN);
    }

    private void segment(boolean ofClient, int at, int count, int flags) {
      final byte[] payload = new byte[count];
      System.arraycopy(ofClient ? client : server, at, payload, 0, count);
      final byte[] frame =
          ofClient
              ? wire.client(clientIsn + 1 + at, serverIsn + 1 + serverAt, flags | Wire.ACK, payload)
              : wire.server(
                  serverIsn + 1 + at, clientIsn + 1 + clientAt, flags | Wire.ACK, payload);
      switch (random.nextInt(8)) {
        case 0 -> sent.addAll(wire.fragments(frame, ofClient, random));
        case 1 -> sent.add(Wire.tagged(frame));
        default -> sent.add(frame);
      }
    }
  }
}
