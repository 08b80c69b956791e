package dev.shadowplane.dataplane.telemetry;

import java.nio.file.Path;

/** The data plane's end of an attachment, run by the test; its handler can be exchanged. */
final class TestDataplane implements AutoCloseable {
  static final AttachmentConfig CONFIG =
      new AttachmentConfig(2, 1 << 16, 1 << 17, 1 << 18, 2_000_000_000L);

  final TestRings<RecordRing> rings = new TestRings<>();
  final CountersFile counters;
  final AttachmentServer server;
  CommandHandler handler =
      (correlationId, type, body, events) ->
          events.reply(correlationId, ReplyStatus.OK, type + ":" + body);

  TestDataplane(final Path root) {
    this(root, CONFIG);
  }

  TestDataplane(final Path root, final AttachmentConfig config) {
    counters = CountersFile.create(root.resolve("run"), root.resolve("state"), 64);
    server =
        new AttachmentServer(
            counters,
            config,
            (correlationId, type, body, events) ->
                handler.command(correlationId, type, body, events),
            rings);
  }

  int poll() {
    return server.poll(System.nanoTime());
  }

  long counter(final String what) {
    return CountersView.open(counters.directory())
        .value(CounterTypes.attachment(what))
        .orElseThrow();
  }

  @Override
  public void close() {
    server.close();
    counters.close();
  }
}
