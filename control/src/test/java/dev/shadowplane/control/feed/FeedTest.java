package dev.shadowplane.control.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.replay.CaptureSource;
import dev.shadowplane.dataplane.session.NamedService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drives sessions of captures against servers that answer as a script says. */
final class FeedTest {
  private static final String GET = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final String POST = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";

  @TempDir Path folder;

  private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();

  private static String ok(final String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private Map<String, Object> drive(final Conversation said, final InetSocketAddress to)
      throws IOException, InterruptedException {
    return drive(said, to, FeedOptions.DEFAULT.answerNs());
  }

  private Map<String, Object> drive(
      final Conversation said, final InetSocketAddress to, final long answerNs)
      throws IOException, InterruptedException {
    final FeedOptions normal = FeedOptions.DEFAULT;
    final FeedOptions options =
        new FeedOptions(
            to,
            normal.clientAddresses(),
            normal.speed(),
            normal.delayNs(),
            normal.lateNs(),
            normal.sessions(),
            answerNs,
            normal.slowFactor(),
            normal.slowNs());
    final Feed feed =
        new Feed(
            List.of(new NamedService("web", Conversation.SERVER_PORT, List.of())),
            options,
            false,
            (exchange, kinds, slow) -> exchanges.add(exchange),
            () -> false,
            () -> {});
    try (CaptureSource source = CaptureSource.open(said.write(folder.resolve("said.pcap")))) {
      feed.run(source);
    }
    return feed.counts();
  }

  @SuppressWarnings("unchecked")
  private static Object at(final Map<String, Object> counts, final String... path) {
    Object value = counts;
    for (final String key : path) {
      value = Objects.requireNonNull(((Map<String, Object>) value).get(key));
    }
    return value;
  }

  private List<Set<DifferenceKind>> kinds() {
    return exchanges.stream().map(DifferenceKind::of).toList();
  }

  private static Function<String, String> always(final String answer) {
    return heard -> answer;
  }

  @Test
  void comparesEachRequestOfAKeptConnection() throws Exception {
    final Conversation said =
        new Conversation()
            .connect()
            .client(GET)
            .server(ok("one"))
            .client(POST)
            .server(ok("two"))
            .client("HEAD /c HTTP/1.1\r\n\r\n")
            .server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            .client(GET)
            .server(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .client("GET /d HTTP/1.1\r\n\r\n")
            .server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            .close();
    try (ScriptedServer server =
        new ScriptedServer(
            "",
            heard ->
                switch (heard.substring(0, heard.indexOf(' ', 5))) {
                  case "POST /b" -> ok("TWO");
                  case "HEAD /c" -> "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
                  case "GET /d" -> ok("found");
                  default -> ok(exchanges.isEmpty() ? "one" : "abcde");
                })) {
      final Map<String, Object> counts = drive(said, server.address());
      assertThat(exchanges)
          .extracting(Exchange::request)
          .containsExactly(
              "GET /a HTTP/1.1",
              "POST /b HTTP/1.1",
              "HEAD /c HTTP/1.1",
              "GET /a HTTP/1.1",
              "GET /d HTTP/1.1");
      assertThat(kinds())
          .containsExactly(
              Set.of(),
              Set.of(DifferenceKind.CONTENT),
              Set.of(),
              Set.of(),
              Set.of(DifferenceKind.STATUS, DifferenceKind.SIZE, DifferenceKind.CONTENT));
      assertThat(exchanges.getFirst().client()).isEqualTo("10.0.0.1:40001");
      assertThat(exchanges.getLast().primary().status()).isEqualTo(404);
      assertThat(at(counts, "requests", "different")).isEqualTo(2L);
      assertThat(at(counts, "sessions", "finished")).isEqualTo(1L);
      assertThat(String.join("", server.heard()))
          .isEqualTo(GET + POST + "HEAD /c HTTP/1.1\r\n\r\n" + GET + "GET /d HTTP/1.1\r\n\r\n");
    }
  }

  @Test
  void nothingIsSentBeforeTheShadowHasAnswered() throws Exception {
    final Conversation said =
        new Conversation().connect().client(GET).server(ok("one")).client(POST).server(ok("two"));
    final long[] answeredNs = new long[1];
    try (ScriptedServer server =
        new ScriptedServer(
            "",
            heard -> {
              if (heard.startsWith("GET")) {
                waitMs(300);
                answeredNs[0] = System.nanoTime();
                return ok("one");
              }
              return ok("two");
            })) {
      drive(said.close(), server.address());
      assertThat(server.heard()).containsExactly(GET, POST);
      assertThat(server.heardNs().get(1)).isGreaterThan(answeredNs[0]);
    }
    assertThat(kinds()).containsExactly(Set.of(), Set.of());
    assertThat(Objects.requireNonNull(exchanges.getFirst().shadow()).latencyNs())
        .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(250));
  }

  private static void waitMs(final long ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void pipelinedRequestsAreSentWithoutWaiting() throws Exception {
    final Conversation said =
        new Conversation().connect().client(GET + POST).server(ok("one") + ok("two")).close();
    try (ScriptedServer server = new ScriptedServer("", always(ok("one") + ok("TWO")))) {
      drive(said, server.address());
    }
    assertThat(kinds()).containsExactly(Set.of(), Set.of(DifferenceKind.CONTENT));
  }

  @Test
  void whatProductionWasAskedAtIntervalsIsAskedAtTheSame() throws Exception {
    final Conversation said =
        new Conversation()
            .connect()
            .pause(100)
            .client(GET)
            .server(ok("one"))
            .pause(400)
            .client(POST)
            .server(ok("two"))
            .close();
    try (ScriptedServer server =
        new ScriptedServer("", heard -> ok(heard.startsWith("GET") ? "one" : "two"))) {
      drive(said, server.address());
      assertThat(server.heardNs().get(1) - server.heardNs().get(0))
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(380));
    }
    assertThat(kinds()).containsExactly(Set.of(), Set.of());
  }

  @Test
  void aShadowThatGivesNoAnswerIsGivenUp() throws Exception {
    final Conversation said =
        new Conversation().connect().client(GET).server(ok("one")).client(POST).server(ok("two"));
    try (ScriptedServer server = new ScriptedServer("", always(""))) {
      final Map<String, Object> counts =
          drive(said.close(), server.address(), TimeUnit.MILLISECONDS.toNanos(200));
      assertThat(at(counts, "sessions", "failed", "unanswered")).isEqualTo(1L);
      assertThat(server.heard()).containsExactly(GET);
    }
    assertThat(kinds()).containsExactly(Set.of(DifferenceKind.MISSING));
  }

  @Test
  void aShadowThatClosesEarlyIsTold() throws Exception {
    final Conversation said =
        new Conversation().connect().client(GET).server(ok("one")).client(POST).server(ok("two"));
    try (ScriptedServer server = new ScriptedServer("", always(ScriptedServer.CLOSE))) {
      final Map<String, Object> counts = drive(said.close(), server.address());
      assertThat(at(counts, "sessions", "failed", "closed")).isEqualTo(1L);
    }
    assertThat(kinds()).containsExactly(Set.of(DifferenceKind.MISSING));
  }

  @Test
  void aShadowThatRefusesIsTold() throws Exception {
    final InetSocketAddress nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
    }
    final Map<String, Object> counts =
        drive(new Conversation().connect().client(GET).server(ok("one")).close(), nobody);
    assertThat(at(counts, "sessions", "failed", "connect")).isEqualTo(1L);
    assertThat(exchanges).isEmpty();
  }

  @Test
  void aBodyThatTheEndOfTheConnectionEndsIsCompared() throws Exception {
    final Conversation said =
        new Conversation()
            .connect()
            .client("GET /old HTTP/1.0\r\n\r\n")
            .server("HTTP/1.0 200 OK\r\n\r\nall of it")
            .closeByServer();
    try (ScriptedServer server =
        new ScriptedServer("", always("HTTP/1.0 200 OK\r\n\r\nall of it" + ScriptedServer.CLOSE))) {
      final Map<String, Object> counts = drive(said, server.address());
      assertThat(at(counts, "sessions", "finished")).isEqualTo(1L);
    }
    assertThat(kinds()).containsExactly(Set.of());
    assertThat(exchanges.getFirst().primary().bytes()).isEqualTo(9);
  }

  @Test
  void otherProtocolsAreComparedByTurns() throws Exception {
    final Conversation said =
        new Conversation()
            .connect()
            .server("220 production ready\r\n")
            .client("EHLO me\r\n")
            .server("250 hello me\r\n")
            .client("NOOP\r\n")
            .server("250 done\r\n")
            .client("QUIT\r\n")
            .server("221 bye\r\n")
            .closeByServer();
    try (ScriptedServer server =
        new ScriptedServer(
            "220 shadow\r\n",
            heard ->
                switch (heard) {
                  case "EHLO me\r\n" -> "250 hello me\r\n";
                  case "NOOP\r\n" -> "500 what?\r\n";
                  default -> "221 bye\r\n" + ScriptedServer.CLOSE;
                })) {
      drive(said, server.address());
      assertThat(server.heard()).containsExactly("EHLO me\r\n", "NOOP\r\n", "QUIT\r\n");
    }
    assertThat(exchanges)
        .extracting(Exchange::request)
        .containsExactly("turn 0: ", "turn 1: EHLO me", "turn 2: NOOP", "turn 3: QUIT");
    assertThat(kinds())
        .containsExactly(
            Set.of(DifferenceKind.SIZE, DifferenceKind.CONTENT),
            Set.of(),
            Set.of(DifferenceKind.SIZE, DifferenceKind.CONTENT),
            Set.of());
  }

  @Test
  void aClientThatResetsIsFollowed() throws Exception {
    final Conversation said = new Conversation().connect().client(GET).server(ok("one")).reset();
    try (ScriptedServer server = new ScriptedServer("", always(ok("one")))) {
      final Map<String, Object> counts = drive(said, server.address());
      assertThat(at(counts, "sessions", "finished")).isEqualTo(1L);
    }
    assertThat(kinds()).containsExactly(Set.of());
  }

  @Test
  void whatCannotBeDrivenIsCountedByReason() throws Exception {
    final Conversation said =
        new Conversation()
            .connect()
            .client("\u0016\u0003\u0001\u0002\u0000\u0001\u0000")
            .connect()
            .server("SSH-2.0-production\r\n")
            .connect()
            .client(GET)
            .lose(100)
            .server(ok("one"))
            .pause(2_000)
            .client(POST);
    try (ScriptedServer server = new ScriptedServer("", always(ok("one")))) {
      final Map<String, Object> counts = drive(said, server.address());
      assertThat(at(counts, "sessions", "seen")).isEqualTo(3L);
      assertThat(sum(counts, "tls")).isEqualTo(1L);
      assertThat(sum(counts, "server-nonce")).isEqualTo(1L);
      assertThat(sum(counts, "gap")).isEqualTo(1L);
      assertThat(server.heard()).containsAnyOf(GET).doesNotContain(POST);
    }
    assertThat(exchanges).isEmpty();
  }

  /** Whether it was begun or not is a matter of milliseconds. */
  private static long sum(final Map<String, Object> counts, final String reason) {
    return (Long) at(counts, "sessions", "not_driven", reason)
        + (Long) at(counts, "sessions", "broken_off", reason);
  }

  @Test
  void whatFollowsAnUpgradeIsComparedByTurns() throws Exception {
    final String upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
    final Conversation said =
        new Conversation()
            .connect()
            .client("GET /ws HTTP/1.1\r\nUpgrade: x\r\n\r\n")
            .server(upgraded)
            .client("ping")
            .server("pong")
            .close();
    try (ScriptedServer server =
        new ScriptedServer("", heard -> heard.startsWith("GET") ? upgraded : "gong")) {
      drive(said, server.address());
    }
    assertThat(exchanges)
        .extracting(Exchange::request)
        .containsExactly("GET /ws HTTP/1.1", "turn 0: ping");
    assertThat(kinds()).containsExactly(Set.of(), Set.of(DifferenceKind.CONTENT));
  }

  @Test
  void interimResponsesAreWaitedFor() throws Exception {
    final String head = "POST /big HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    final Conversation said =
        new Conversation()
            .connect()
            .client(head)
            .server("HTTP/1.1 100 Continue\r\n\r\n")
            .client("body")
            .server(ok("kept"))
            .close();
    try (ScriptedServer server =
        new ScriptedServer(
            "", heard -> heard.equals("body") ? ok("kept") : "HTTP/1.1 100 Continue\r\n\r\n")) {
      drive(said, server.address());
      assertThat(server.heard()).containsExactly(head, "body");
    }
    assertThat(kinds()).containsExactly(Set.of());
  }

  @Test
  void whatWasDrivenBeforeIsNotDrivenAgain() throws Exception {
    final Conversation said = new Conversation();
    final long firstNs = said.nowNs();
    said.connect().client(GET).server(ok("one")).close();
    said.connect().client(POST).server(ok("two")).close();
    try (ScriptedServer server = new ScriptedServer("", always(ok("two")));
        CaptureSource source = CaptureSource.open(said.write(folder.resolve("said.pcap")))) {
      final Feed feed =
          new Feed(
              List.of(new NamedService("web", Conversation.SERVER_PORT, List.of())),
              FeedOptions.DEFAULT.to(server.address()),
              false,
              (exchange, kinds, slow) -> exchanges.add(exchange),
              () -> false,
              () -> {});
      feed.resume(firstNs, 1);
      feed.run(source);
      assertThat(server.heard()).containsExactly(POST);
      assertThat(at(feed.counts(), "sessions", "seen")).isEqualTo(1L);
      assertThat(at(feed.counts(), "sessions", "failed", "lost")).isEqualTo(1L);
    }
    assertThat(kinds()).containsExactly(Set.of());
  }

  @Test
  void manySessionsAreDrivenAtOnce() throws Exception {
    final Conversation said = new Conversation();
    final int sessions = 500;
    for (int i = 0; i < sessions; i++) {
      said.connect().client("GET /" + i + " HTTP/1.1\r\n\r\n").server(ok("item " + i)).close();
    }
    try (ScriptedServer server =
        new ScriptedServer("", heard -> ok("item " + heard.split("[/ ]", -1)[2]))) {
      final Map<String, Object> counts = drive(said, server.address());
      assertThat(at(counts, "sessions", "finished")).isEqualTo((long) sessions);
    }
    assertThat(kinds()).hasSize(sessions).allMatch(Set::isEmpty);
  }
}
