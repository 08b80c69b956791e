package dev.shadowplane.control.api;

import static dev.shadowplane.control.api.TestClient.assertStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.replication.ReplicationConfig;
import dev.shadowplane.control.replication.Replicator;
import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import dev.shadowplane.control.v1.GetReplicationRequest;
import dev.shadowplane.control.v1.ListReplicationsRequest;
import dev.shadowplane.control.v1.ReplicationGrpc;
import dev.shadowplane.control.v1.ReplicationGrpc.ReplicationBlockingStub;
import dev.shadowplane.control.v1.ReplicationStatus;
import dev.shadowplane.control.v1.WatchReplicationRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What agents report, through the real server. */
@Timeout(60)
class ReplicationCallsTest {
  @TempDir private Path folder;

  @Test
  void tellsWhatAgentsReport() throws Exception {
    final Path reports = Files.createDirectory(folder.resolve("reports"));
    final Path report = report("shop-shadow", "db");
    final Path from = Files.createDirectory(folder.resolve("from"));
    Files.writeString(from.resolve("file"), "contents");
    Files.createSymbolicLink(from.resolve("link"), Path.of("/etc/passwd"));
    final AtomicBoolean ended = new AtomicBoolean();
    final Replicator replicator =
        new Replicator(
            new ReplicationConfig("db", Mode.EVENT, from, folder.resolve("to"), null, 100),
            report,
            status -> {});
    final Thread agent =
        Thread.ofPlatform()
            .start(() -> {
              try {
                replicator.run(ended::get);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Files.writeString(report("shop-shadow", "feed").resolve("status.json"), "{\"kind\": \"feed\"}");
    Files.writeString(
        report("shop-shadow", "bad").resolve("status.json"), "{\"kind\": \"replication\"");
    Files.createSymbolicLink(
        report("other", "link").resolve("status.json"), report.resolve("status.json"));
    final Path config = folder.resolve("control.yaml");
    Files.writeString(
        config,
        "{directory: %s, state: %s, listen: '127.0.0.1:0', shadows: {directory: %s}}"
            .formatted(folder.resolve("shm"), folder.resolve("state"), reports));
    final ControlConfig loaded = ControlConfig.load(config);
    try (ControlServer server = ControlServer.start(loaded)) {
      final ManagedChannel channel =
          TestClient.channel(server, TestClient.operator(PkiFiles.of(loaded.state())));
      try {
        asks(ReplicationGrpc.newBlockingStub(channel));
      } finally {
        channel.shutdownNow();
      }
    } finally {
      ended.set(true);
      agent.join();
    }
  }

  private static void asks(final ReplicationBlockingStub control) {
    final GetReplicationRequest db =
        GetReplicationRequest.newBuilder().setShadow("shop-shadow").setName("db").build();
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    ReplicationStatus status = control.getReplication(db).getReplication();
    while (!status.getState().equals("in-step")) {
      assertThat(System.nanoTime()).as("in step").isLessThan(end);
      LockSupport.parkNanos(10_000_000);
      status = control.getReplication(db).getReplication();
    }
    assertThat(status.getService()).isEqualTo("db");
    assertThat(status.getChanges()).isEqualTo(1);
    assertThat(status.getBytes()).isEqualTo("contents".length());
    assertThat(status.getRefusalsList())
        .containsExactly("link: the link leads out of the folder, to /etc/passwd");
    assertThat(
            control
                .listReplications(ListReplicationsRequest.getDefaultInstance())
                .getReplicationsList())
        .extracting(ReplicationStatus::getName)
        .containsExactly("db");
    assertThat(
            control
                .watchReplication(
                    WatchReplicationRequest.newBuilder()
                        .setShadow("shop-shadow")
                        .setName("db")
                        .setIntervalMs(100)
                        .build())
                .next()
                .getReplication()
                .getName())
        .isEqualTo("db");
    for (final String none : new String[] {"feed", "none"}) {
      assertStatus(
          () -> control.getReplication(db.toBuilder().setName(none).build()),
          Status.Code.NOT_FOUND,
          "nothing named " + none);
    }
    assertStatus(
        () -> control.getReplication(db.toBuilder().setName("../db").build()),
        Status.Code.INVALID_ARGUMENT,
        "is no name");
  }

  private Path report(final String shadow, final String name) throws Exception {
    return Files.createDirectories(
        folder
            .resolve("reports")
            .resolve(shadow)
            .resolve("agents")
            .resolve(name)
            .resolve("report"));
  }
}
