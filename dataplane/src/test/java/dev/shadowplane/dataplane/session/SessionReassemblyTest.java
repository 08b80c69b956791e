package dev.shadowplane.dataplane.session;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.IpPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule of reassembly by a conversation that needs it. */
final class SessionReassemblyTest {
  private static final int CLIENT = 1_000;
  private static final int SERVER = 5_000;
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final Recorded told = new Recorded();
  private final Wire wire = new Wire(false, 40_000);
  private final ListedFrames frames = new ListedFrames();
  private SessionReassembly reassembly;
  private long timeNs = SECOND_NS;

  @BeforeEach
  void begin() {
    reassembly = reassembly(SessionLimits.DEFAULT);
  }

  private SessionReassembly reassembly(SessionLimits limits) {
    return new SessionReassembly(
        List.of(new NamedService("web", Wire.SERVER_PORT, List.of(IpPrefix.of("10.0.0.2")))),
        limits,
        told);
  }

  private void read(byte[] frame) {
    frames.add(timeNs++, frame);
    frames.readBy(reassembly);
  }

  private void client(int at, int acknowledged, int flags, String text) {
    read(
        wire.client(
            CLIENT + 1 + at,
            SERVER + 1 + acknowledged,
            flags | Wire.ACK,
            text.getBytes(ISO_8859_1)));
  }

  private void server(int at, int acknowledged, int flags, String text) {
    read(
        wire.server(
            SERVER + 1 + at,
            CLIENT + 1 + acknowledged,
            flags | Wire.ACK,
            text.getBytes(ISO_8859_1)));
  }

  private Recorded.One connect() {
    read(wire.client(CLIENT, 0, Wire.SYN, new byte[0]));
    read(wire.server(SERVER, CLIENT + 1, Wire.SYN | Wire.ACK, new byte[0]));
    client(0, 0, 0, "");
    return told.sessions.getLast();
  }

  @Test
  void tellsBothDirectionsAndWhatTheClientHadSeen() {
    final Recorded.One session = connect();
    client(0, 0, 0, "ask");
    server(0, 3, 0, "answer");
    client(3, 6, 0, "more");
    client(7, 6, Wire.FIN, "");
    server(6, 8, 0, "late");
    server(10, 8, Wire.FIN, "");
    assertThat(session.log).containsExactly("Cask@0", "Sanswer", "Cmore@6", "CF@6", "Slate", "SF");
    assertThat(session.end).isEqualTo("ended");
    assertThat(session.session.service()).isEqualTo("web");
    assertThat(session.session.client().toString()).isEqualTo("/10.0.0.1:40000");
    assertThat(session.session.startNs()).isEqualTo(SECOND_NS);
  }

  @Test
  void theFirstCopyOfAByteCounts() {
    final Recorded.One session = connect();
    client(3, 0, 0, "DEF");
    client(0, 0, 0, "abcdefgh");
    client(2, 0, 0, "XXXX");
    client(8, 0, Wire.FIN, "");
    server(0, 9, Wire.FIN, "");
    assertThat(session.client.toString(ISO_8859_1)).isEqualTo("abcDEFgh");
  }

  @Test
  void bytesThatWereAcknowledgedAndNotSeenAreAGap() {
    final Recorded.One session = connect();
    client(0, 0, 0, "ask");
    server(100, 3, 0, "rest");
    client(3, 104, 0, "");
    assertThat(session.end).isEmpty();
    timeNs += 2 * SECOND_NS;
    client(3, 104, 0, "next");
    assertThat(session.end).isEqualTo("gap");
    assertThat(session.server.size()).isZero();
  }

  @Test
  void bytesThatAreSentAgainInTimeAreNoGap() {
    final Recorded.One session = connect();
    client(0, 0, 0, "ask");
    server(4, 3, 0, "wer");
    timeNs += 2 * SECOND_NS;
    server(0, 3, 0, "answ");
    client(3, 7, 0, "next");
    assertThat(session.end).isEmpty();
    assertThat(session.server.toString(ISO_8859_1)).isEqualTo("answwer");
  }

  @Test
  void aHoleAtTheEndOfTheInputIsAGap() {
    final Recorded.One session = connect();
    client(5, 0, 0, "later");
    reassembly.end();
    assertThat(session.end).isEqualTo("gap");
  }

  @Test
  void aFrameCutByASnapLengthIsAGap() {
    final Recorded.One session = connect();
    final byte[] frame =
        wire.client(CLIENT + 1, SERVER + 1, Wire.ACK, "GET / HTTP/1.1".getBytes(ISO_8859_1));
    read(Arrays.copyOf(frame, frame.length - 4));
    assertThat(session.end).isEqualTo("gap");
    assertThat(session.client.size()).isZero();
  }

  @Test
  void aConnectionWithoutABeginningIsToldOnce() {
    client(100, 0, 0, "ask");
    server(0, 103, 0, "answer");
    client(103, 6, 0, "more");
    assertThat(told.sessions).isEmpty();
    assertThat(told.midstream).hasSize(1);
    assertThat(reassembly.counts().undrivable(Undrivable.STARTED_MIDSTREAM)).isEqualTo(1);
  }

  @Test
  void aSynThatWasMissedIsInferred() {
    read(wire.server(SERVER, CLIENT + 1, Wire.SYN | Wire.ACK, new byte[0]));
    client(0, 0, 0, "ask");
    server(0, 3, 0, "answer");
    assertThat(told.sessions.getFirst().log).containsExactly("Cask@0", "Sanswer");
  }

  @Test
  void aSynAckThatWasMissedIsInferred() {
    read(wire.client(CLIENT, 0, Wire.SYN, new byte[0]));
    client(0, 0, 0, "ask");
    server(0, 3, 0, "answer");
    assertThat(told.sessions.getFirst().log).containsExactly("Cask@0", "Sanswer");
  }

  @Test
  void theSamePortsBeginAnotherSessionWithAnotherSequenceNumber() {
    final Recorded.One first = connect();
    client(0, 0, 0, "ask");
    read(wire.client(CLIENT, 0, Wire.SYN, new byte[0]));
    assertThat(told.sessions).hasSize(1);
    read(wire.client(CLIENT + 77, 0, Wire.SYN, new byte[0]));
    assertThat(told.sessions).hasSize(2);
    assertThat(first.end).isEqualTo("ended");
  }

  @Test
  void aResetEndsWhenItFitsTheStream() {
    final Recorded.One session = connect();
    client(0, 0, 0, "ask");
    client(500_000_000, 0, Wire.RST, "");
    client(-5, 0, Wire.RST, "");
    assertThat(session.end).isEmpty();
    client(3, 0, Wire.RST, "");
    assertThat(session.log).containsExactly("Cask@0", "R@0");
    assertThat(session.end).isEqualTo("ended");
  }

  @Test
  void whatIsHeardOfTheLongestAgoMakesRoom() {
    reassembly = reassembly(new SessionLimits(2, 1_000, 10_000, SECOND_NS));
    for (int port = 1; port <= 3; port++) {
      read(new Wire(false, port).client(CLIENT, 0, Wire.SYN, new byte[0]));
    }
    assertThat(told.sessions).extracting(one -> one.end).containsExactly("limit", "", "");
    timeNs += 2 * SECOND_NS;
    read(new Wire(false, 4).client(CLIENT, 0, Wire.SYN, new byte[0]));
    assertThat(told.sessions)
        .extracting(one -> one.end)
        .containsExactly("limit", "ended", "ended", "");
  }

  @Test
  void whatIsHeldOutOfOrderIsBounded() {
    reassembly = reassembly(new SessionLimits(100, 4_000, 5_000, SECOND_NS));
    final Recorded.One first = connect();
    for (int at = 1; at <= 4_001; at += 1_000) {
      client(at, 0, 0, "x".repeat(800));
    }
    assertThat(first.end).isEqualTo("gap");
    assertThat(reassembly.heldBytes()).isZero();
    for (int port = 1; port <= 3; port++) {
      final Wire other = new Wire(false, port);
      read(other.client(CLIENT, 0, Wire.SYN, new byte[0]));
      read(other.client(CLIENT + 10, SERVER, Wire.ACK, new byte[2_000]));
    }
    assertThat(told.sessions).extracting(one -> one.end).containsExactly("gap", "", "", "limit");
    reassembly.end();
    assertThat(reassembly.heldBytes()).isZero();
  }

  @Test
  void otherServicesArePassedOver() {
    read(wire.server(CLIENT, 0, Wire.SYN, new byte[0]));
    assertThat(reassembly.counts().otherFrames()).isEqualTo(1);
    reassembly =
        new SessionReassembly(
            List.of(new NamedService("web", Wire.SERVER_PORT, List.of(IpPrefix.of("10.9.0.0/16")))),
            SessionLimits.DEFAULT,
            told);
    read(wire.client(CLIENT, 0, Wire.SYN, new byte[0]));
    assertThat(told.sessions).isEmpty();
    assertThat(reassembly.counts().otherFrames()).isEqualTo(1);
  }

  @Test
  void fragmentsThatOverlapAreDropped() {
    connect();
    final byte[] frame =
        wire.client(CLIENT + 1, SERVER + 1, Wire.ACK, "x".repeat(400).getBytes(ISO_8859_1));
    final byte[] first =
        wire.fragments(frame, true, new SplittableRandom(1)).stream()
            .filter(fragment -> (fragment[20] & 0x3f) == 0x20 && fragment[21] == 0)
            .findFirst()
            .orElseThrow();
    final byte[] overlapping = first.clone();
    overlapping[overlapping.length - 1] ^= 1;
    overlapping[17]--; // A byte less in the datagram.
    read(first);
    read(first);
    assertThat(reassembly.counts().brokenDatagrams()).isZero();
    read(Arrays.copyOf(overlapping, overlapping.length - 1));
    assertThat(reassembly.counts().brokenDatagrams()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    // What the server says, then what the client says, then the server again; and what holds.
    "'', '\\x16\\x03\\x01\\x02\\x00\\x01\\x00', '', tls",
    "'', 'GET / HTTP/1.1', 'HTTP/1.1 200', ''",
    "'220 mail ESMTP', 'EHLO me', '250 ok', ''",
    "'220 mail ESMTP', 'AUTH CRAM-MD5', '', server-nonce",
    "'220 mail ESMTP', 'STARTTLS', '220 go', ''",
    "'+OK pop <1.2@host>', 'APOP me 0123', '', server-nonce",
    "'* OK imap', 'a1 AUTHENTICATE NTLM', '', server-nonce",
    "'* OK imap', 'a1 LOGIN me secret', '', ''",
    "'SSH-2.0-OpenSSH_9', '', '', server-nonce",
    "'RFB 003.008', '', '', server-nonce",
    "'J\\x00\\x00\\x00\\x0a8.0.36', '', '', server-nonce",
    "'', '\\x00\\x00\\x00\\x10\\x00\\x03\\x00\\x00user\\x00me\\x00', 'R\\x00\\x00\\x00\\x08\\x00\\x00\\x00\\x00', ''",
    "'', '\\x00\\x00\\x00\\x10\\x00\\x03\\x00\\x00user\\x00me\\x00', 'R\\x00\\x00\\x00\\x17\\x00\\x00\\x00\\x0a', server-nonce",
    "'', '\\x00\\x00\\x00\\x10\\x00\\x03\\x00\\x00user\\x00me\\x00', 'R\\x00\\x00\\x00\\x0c\\x00\\x00\\x00\\x05', server-nonce",
    "'', '\\x00\\x00\\x00\\x08\\x04\\xd2\\x16\\x2f', 'S', tls",
    "'', '\\x00\\x00\\x00\\x08\\x04\\xd2\\x16\\x2f', 'N', ''",
    "'', '*1\\r\\n$4\\r\\nPING\\r\\n', '+PONG', ''"
  })
  void openingsTellWhetherASessionCanBeDriven(
      String greeting, String asked, String answered, String reason) {
    final String first = unescaped(greeting);
    final String second = unescaped(asked);
    final String third = unescaped(answered);
    final Recorded.One session = connect();
    if (!first.isEmpty()) {
      server(0, 0, 0, first);
    }
    if (!second.isEmpty() && session.end.isEmpty()) {
      client(0, first.length(), 0, second);
    }
    if (!third.isEmpty() && session.end.isEmpty()) {
      server(first.length(), second.length(), 0, third);
    }
    assertThat(session.end).isEqualTo(reason);
  }

  @Test
  void tlsThatBeginsLaterIsFound() {
    final Recorded.One session = connect();
    server(0, 0, 0, "220 mail");
    client(0, 8, 0, "STARTTLS");
    server(8, 8, 0, "220 go");
    client(8, 14, 0, unescaped("\\x16\\x03\\x01\\x02\\x00\\x01\\x00"));
    assertThat(session.end).isEqualTo("tls");
    assertThat(session.client.toString(ISO_8859_1)).isEqualTo("STARTTLS");
  }

  private static String unescaped(String text) {
    final StringBuilder bytes = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      if (text.startsWith("\\x", i)) {
        bytes.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
        i += 4;
      } else {
        bytes.append(text.charAt(i++));
      }
    }
    return bytes.toString();
  }
}
