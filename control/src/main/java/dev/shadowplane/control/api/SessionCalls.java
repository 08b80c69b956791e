package dev.shadowplane.control.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.shadowplane.control.feed.FeedReports;
import dev.shadowplane.control.v1.GetSessionStatusRequest;
import dev.shadowplane.control.v1.GetSessionStatusResponse;
import dev.shadowplane.control.v1.ListDifferencesRequest;
import dev.shadowplane.control.v1.ListDifferencesResponse;
import dev.shadowplane.control.v1.SessionAnswer;
import dev.shadowplane.control.v1.SessionDifference;
import dev.shadowplane.control.v1.SessionStatus;
import dev.shadowplane.control.v1.SessionsGrpc;
import dev.shadowplane.control.v1.WatchDifferencesRequest;
import dev.shadowplane.control.v1.WatchDifferencesResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The calls about driven sessions: they read what the agents report. */
final class SessionCalls extends SessionsGrpc.SessionsImplBase {
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_WATCHES = 64;
  private static final long FROM_NOW_ON = -1;

  private final FeedReports reports;
  private final SnapshotStreams watches = new SnapshotStreams("watches of sessions", MAX_WATCHES);

  /** With the folder of the netns provisioner, in which the agents' reports are. */
  SessionCalls(final Path folder) {
    this.reports = new FeedReports(folder);
  }

  @Override
  public void getSessionStatus(
      final GetSessionStatusRequest request,
      final StreamObserver<GetSessionStatusResponse> client) {
    answer(
        client,
        () ->
            GetSessionStatusResponse.newBuilder()
                .setStatus(message(status(request.getShadow())))
                .build());
  }

  @Override
  public void listDifferences(
      final ListDifferencesRequest request, final StreamObserver<ListDifferencesResponse> client) {
    answer(
        client,
        () -> {
          final int asked = request.getPageSize();
          if (asked < 0 || asked > FeedReports.MAX_PAGE) {
            throw Failures.invalid(
                "page_size is " + asked + ": write 1 to " + FeedReports.MAX_PAGE + ", or 0");
          }
          final FeedReports.Status status = status(request.getShadow());
          final List<FeedReports.Line> lines =
              reports.differences(
                  status,
                  request.getSlow(),
                  after(request.getPageToken(), 0),
                  asked == 0 ? DEFAULT_PAGE : asked);
          final ListDifferencesResponse.Builder page = ListDifferencesResponse.newBuilder();
          lines.forEach(line -> page.addDifferences(message(line)));
          if (!lines.isEmpty()) {
            page.setNextPageToken(Long.toString(lines.getLast().number()));
          }
          return page.build();
        });
  }

  @Override
  public void watchDifferences(
      final WatchDifferencesRequest request,
      final StreamObserver<WatchDifferencesResponse> client) {
    try {
      final ServiceRequestContext context = ServiceRequestContext.current();
      final Executor blocking = context.blockingTaskExecutor();
      final AtomicLong after = new AtomicLong(after(request.getPageToken(), FROM_NOW_ON));
      final String shadow = request.getShadow();
      watches.start(
          () -> CompletableFuture.supplyAsync(() -> news(shadow, after), blocking),
          SnapshotStreams.intervalMs(request.getIntervalMs()),
          (ServerCallStreamObserver<WatchDifferencesResponse>) client,
          context.blockingTaskExecutor());
      context.clearRequestTimeout();
    } catch (RuntimeException e) {
      client.onError(Failures.of(e));
    }
  }

  /** One message at a time, as the stream asks for them. */
  private WatchDifferencesResponse news(final String shadow, final AtomicLong after) {
    try {
      final FeedReports.Status status = status(shadow);
      after.compareAndSet(FROM_NOW_ON, status.lastDifference());
      final WatchDifferencesResponse.Builder news =
          WatchDifferencesResponse.newBuilder().setStatus(message(status));
      if (status.lastDifference() > after.get()) {
        for (final FeedReports.Line line :
            reports.differences(status, false, after.get(), FeedReports.MAX_PAGE)) {
          news.addDifferences(message(line));
          after.set(line.number());
        }
      }
      return news.build();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static long after(final String token, final long ifEmpty) {
    if (token.isEmpty()) {
      return ifEmpty;
    }
    if (!token.matches("[0-9]{1,18}")) {
      throw Failures.invalid("page_token is none: give next_page_token of the page before");
    }
    return Long.parseLong(token);
  }

  private FeedReports.Status status(final String shadow) throws IOException {
    return reports
        .status(shadow)
        .orElseThrow(() ->
            Status.NOT_FOUND
                .withDescription("nothing drives sessions against a shadow " + shadow)
                .asRuntimeException());
  }

  private static <T> void answer(final StreamObserver<T> client, final Callable<T> call) {
    UnaryAnswers.attempt(
        client,
        () ->
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return call.call();
                  } catch (IOException e) {
                    throw unreadable(e);
                  } catch (RuntimeException e) {
                    throw e;
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                },
                ServiceRequestContext.current().blockingTaskExecutor()));
  }

  private static RuntimeException unreadable(final IOException e) {
    return Status.INTERNAL
        .withDescription("the reports cannot be read (" + e + "): check their permissions")
        .asRuntimeException();
  }

  private static SessionStatus message(final FeedReports.Status status) {
    return SessionStatus.newBuilder()
        .setShadow(status.texts().getOrDefault("shadow", ""))
        .setStarted(status.texts().getOrDefault("started", ""))
        .setUpdated(status.texts().getOrDefault("updated", ""))
        .setPosition(status.texts().getOrDefault("position", ""))
        .putAllCounts(status.counts())
        .setBehindMs(status.behindMs())
        .build();
  }

  private static SessionDifference message(final FeedReports.Line line) {
    final JsonObject fields = line.fields();
    final SessionDifference.Builder difference =
        SessionDifference.newBuilder()
            .setNumber(line.number())
            .setTime(text(fields, "time"))
            .setService(text(fields, "service"))
            .setClient(text(fields, "client"))
            .setRequest(text(fields, "request"));
    final @Nullable JsonElement kinds = fields.get("kinds");
    if (kinds != null && kinds.isJsonArray()) {
      kinds
          .getAsJsonArray()
          .forEach(kind -> {
            if (kind.isJsonPrimitive()) {
              difference.addKinds(kind.getAsString());
            }
          });
    }
    if (fields.get("primary") instanceof JsonObject answer) {
      difference.setPrimary(answer(answer));
    }
    if (fields.get("shadow") instanceof JsonObject answer) {
      difference.setShadow(answer(answer));
    }
    return difference.build();
  }

  private static SessionAnswer answer(final JsonObject fields) {
    return SessionAnswer.newBuilder()
        .setStatus((int) number(fields, "status"))
        .setBytes(number(fields, "bytes"))
        .setSha256(text(fields, "sha256"))
        .setLatencyUs(number(fields, "latency_us"))
        .build();
  }

  private static String text(final JsonObject fields, final String key) {
    final @Nullable JsonElement value = fields.get(key);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
  }

  private static long number(final JsonObject fields, final String key) {
    final @Nullable JsonElement value = fields.get(key);
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()
        ? (long) value.getAsDouble()
        : 0;
  }
}
