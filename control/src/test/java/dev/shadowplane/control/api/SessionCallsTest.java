package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.feed.Answer;
import dev.shadowplane.control.feed.DifferenceKind;
import dev.shadowplane.control.feed.Exchange;
import dev.shadowplane.control.feed.FeedReport;
import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.v1.GetSessionStatusRequest;
import dev.shadowplane.control.v1.ListDifferencesRequest;
import dev.shadowplane.control.v1.ListDifferencesResponse;
import dev.shadowplane.control.v1.SessionDifference;
import dev.shadowplane.control.v1.SessionsGrpc;
import dev.shadowplane.control.v1.SessionsGrpc.SessionsBlockingStub;
import dev.shadowplane.control.v1.WatchDifferencesRequest;
import dev.shadowplane.control.v1.WatchDifferencesResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an agent reports is what clients are told. */
@Timeout(60)
class SessionCallsTest {
  @TempDir private static Path folder;
  private static ControlServer server;
  private static ManagedChannel channel;
  private static SessionsBlockingStub control;
  private static int shadows;

  private String shadow;
  private FeedReport report;

  @BeforeAll
  static void start() throws Exception {
    final ShadowsConfig normal = ShadowsConfig.DEFAULT;
    final ControlConfig config =
        new ControlConfig(
            folder.resolve("shm"),
            folder.resolve("state"),
            new Endpoint("127.0.0.1", 0),
            null,
            List.of(),
            null,
            FlowsConfig.DEFAULT,
            List.of(),
            new ShadowsConfig(null, folder.resolve("run"), normal.lookEvery(), normal.deadline()),
            MonitoringConfig.DEFAULT);
    server = ControlServer.start(config);
    channel = TestClient.channel(server, TestClient.operator(PkiFiles.of(config.state())));
    control = SessionsGrpc.newBlockingStub(channel);
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    server.close();
  }

  @BeforeEach
  void report() throws IOException {
    shadow = "shadow-" + ++shadows;
    report =
        new FeedReport(
            Files.createDirectories(
                folder.resolve("run").resolve(shadow).resolve("agents/feed/report")));
  }

  @AfterEach
  void close() throws IOException {
    report.close();
  }

  private void add(final String request) throws IOException {
    report.add(
        new Exchange(
            1_700_000_000_000_000_000L,
            "web",
            "10.0.0.1:40000",
            request,
            new Answer(200, 5, "aa", 1_000_000),
            request.equals("GET /missing") ? null : new Answer(200, 6, "bb", 3_000_000)),
        request.equals("GET /missing")
            ? EnumSet.of(DifferenceKind.MISSING)
            : EnumSet.of(DifferenceKind.SIZE, DifferenceKind.CONTENT));
    report.status(
        Map.of(
            "agent",
            "feed",
            "shadow",
            shadow,
            "behind_ms",
            2.5,
            "requests",
            Map.of("compared", 9)));
  }

  private ListDifferencesRequest.Builder list() {
    return ListDifferencesRequest.newBuilder().setShadow(shadow);
  }

  @Test
  void tellsDifferencesPageByPage() throws Exception {
    add("GET /1");
    add("GET /missing");
    add("GET /3");
    final ListDifferencesResponse first = control.listDifferences(list().setPageSize(2).build());
    assertThat(first.getDifferencesList())
        .extracting(SessionDifference::getRequest)
        .containsExactly("GET /1", "GET /missing");
    final SessionDifference one = first.getDifferences(0);
    assertThat(one.getKindsList()).containsExactly("size", "content");
    assertThat(one.getTime()).isEqualTo("2023-11-14T22:13:20Z");
    assertThat(one.getPrimary().getBytes()).isEqualTo(5);
    assertThat(one.getShadow().getSha256()).isEqualTo("bb");
    assertThat(one.getShadow().getLatencyUs()).isEqualTo(3_000);
    assertThat(first.getDifferences(1).hasShadow()).isFalse();
    final ListDifferencesResponse second =
        control.listDifferences(list().setPageToken(first.getNextPageToken()).build());
    assertThat(second.getDifferencesList())
        .extracting(SessionDifference::getRequest)
        .containsExactly("GET /3");
    final ListDifferencesResponse none =
        control.listDifferences(list().setPageToken(second.getNextPageToken()).build());
    assertThat(none.getNextPageToken()).isEmpty();
  }

  @Test
  void tellsWhatWasCounted() throws Exception {
    add("GET /1");
    final var status =
        control
            .getSessionStatus(GetSessionStatusRequest.newBuilder().setShadow(shadow).build())
            .getStatus();
    assertThat(status.getShadow()).isEqualTo(shadow);
    assertThat(status.getCountsMap()).isEqualTo(Map.of("requests.compared", 9L));
    assertThat(status.getBehindMs()).isEqualTo(2.5);
  }

  @Test
  void watchesWhatComes() throws Exception {
    add("GET /before");
    final Iterator<WatchDifferencesResponse> news =
        control
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .watchDifferences(
                WatchDifferencesRequest.newBuilder().setShadow(shadow).setIntervalMs(100).build());
    assertThat(news.next().getDifferencesList()).isEmpty();
    add("GET /after");
    WatchDifferencesResponse next = news.next();
    while (next.getDifferencesCount() == 0) {
      next = news.next();
    }
    assertThat(next.getDifferencesList())
        .extracting(SessionDifference::getRequest)
        .containsExactly("GET /after");
  }

  @Test
  void refusesWhatIsNotThere() {
    TestClient.assertStatus(
        () -> control.listDifferences(list().setShadow("nobody").build()),
        Status.Code.NOT_FOUND,
        "nothing drives sessions against a shadow nobody");
    TestClient.assertStatus(
        () -> control.listDifferences(list().setShadow("../x").build()),
        Status.Code.INVALID_ARGUMENT,
        "'../x' is no name");
    TestClient.assertStatus(
        () -> control.listDifferences(list().setPageSize(1_001).build()),
        Status.Code.INVALID_ARGUMENT,
        "page_size is 1001: write 1 to 1000");
    TestClient.assertStatus(
        () -> control.listDifferences(list().setPageToken("x").build()),
        Status.Code.NOT_FOUND,
        shadow);
  }
}
