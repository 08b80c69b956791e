package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.DataPlaneMain;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dataplane.telemetry.AttachmentClient;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dataplane.telemetry.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data plane as a process, between network namespaces that nothing else connects. */
final class ProcessTest {
  private static final String READY = "shadowplane dataplane ready";
  private static final long PATIENCE_NS = 20_000_000_000L;

  @TempDir private Path root;

  @BeforeEach
  void asRoot() {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
  }

  private Path config(String name, String a, String b, String more) throws IOException {
    return Files.writeString(
        root.resolve(name + ".yaml"),
        """
        directory: %s/run-%s
        state: %s/state-%s
        eal: { hugepages: none, memory-mb: 128 }
        mbufs: 16383
        ports:
          - { name: client, device: "%s" }
          - { name: server, device: "%s" }
        workers:
          - forward: [[client, server]]
        %s
        """
            .formatted(root, name, root, name, a, b, more));
  }

  private Child start(Path config) throws IOException {
    return Child.java(root, DataPlaneMain.class, "--config", config.toString());
  }

  private Path journaling(VethLab lab) throws IOException {
    return config(
        "main",
        "net_af_packet,iface=" + lab.end(1),
        "net_af_packet,iface=" + lab.end(2),
        """
        journal: { directory: %s/journal, ring-bytes: 8388608 }
        rules:
          - { name: tcp, match: { protocol: tcp }, targets: [journal] }
        """
            .formatted(root));
  }

  /** Bytes sent by a program in one namespace and echoed by one in the other, compared there. */
  private void exchange(VethLab lab, String address, int chunks) throws Exception {
    final Path script = root.resolve("echo.py");
    Files.writeString(
        script,
        """
        import random, socket, sys, time
        role, address, chunks = sys.argv[1], sys.argv[2], int(sys.argv[3])
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        if role == 'server':
            listener = socket.socket(family)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, 8000))
            listener.listen()
            print('listening', flush=True)
            peer = listener.accept()[0]
            while data := peer.recv(65536):
                peer.sendall(data)
        else:
            peer = socket.create_connection((address, 8000), 20)
            source = random.Random(chunks)
            for i in range(chunks):
                data = source.randbytes(8192)
                peer.sendall(data)
                back = b''
                while len(back) < len(data):
                    more = peer.recv(65536)
                    if not more:
                        sys.exit('closed')
                    back += more
                if back != data:
                    sys.exit('different in chunk %d' % i)
                time.sleep(0.0005)
            print('same', chunks)
        """);
    final String[] server = {
      "/usr/bin/python3", script.toString(), "server", address, Integer.toString(chunks)
    };
    try (Child listening = new Child(root, lab.command(2, server)).awaitLine("listening")) {
      server[2] = "client";
      assertThat(lab.in(1, server)).containsExactly("same " + chunks);
      assertThat(listening.status()).isZero();
    }
  }

  private long counter(String label) {
    return CountersView.open(root.resolve("run-main")).value(label).orElseThrow();
  }

  private Reply command(CommandType type, String body) {
    final long deadlineNs = System.nanoTime() + PATIENCE_NS;
    try (AttachmentClient client =
        TestControl.client(root.resolve("run-main"), new TestControl.NoRecords())) {
      client.connect(Duration.ofSeconds(20));
      final CompletableFuture<Reply> reply = client.submit(type, body);
      while (!reply.isDone() && System.nanoTime() < deadlineNs) {
        client.doWork();
        LockSupport.parkNanos(100_000);
      }
      return reply.join();
    }
  }

  private static void assertOneLine(Child child, int status, String... parts) throws Exception {
    assertThat(child.status()).as(child.output()).isEqualTo(status);
    assertThat(child.output().lines().toList()).hasSize(1);
    assertThat(child.output()).startsWith("shadowplane dataplane: ").contains(parts);
  }

  @Test
  void tcpCrossesAndAKilledDataPlaneIsReplaced() throws Exception {
    final VethLab lab = new VethLab();
    try (lab) {
      final Path config = journaling(lab);
      try (Child first = start(config).awaitLine(READY)) {
        exchange(lab, "198.18.0.2", 200);
        exchange(lab, "fd00:5ad0::2", 100);
        assertNothingLost(lab);
        final String rule = "{name: more, match: {protocol: udp}, targets: [journal]}";
        assertThat(command(CommandType.RULE_ADD, rule).text()).contains("\"more\"");
        assertSecondInstanceIsRefused(lab);
        exchange(lab, "198.18.0.2", 20);
        assertThat(first.isAlive()).isTrue();
        // Killed here, in the middle of nothing: a journal is killed in the middle of writing
        // elsewhere.
      }
      final long journaled = journaledFrames();
      assertThat(journaled).isGreaterThan(2 * 320 * 6);
      try (Child second = start(config).awaitLine(READY)) {
        exchange(lab, "198.18.0.2", 50);
        exchange(lab, "fd00:5ad0::2", 50);
        assertNothingLost(lab);
        final String rules = command(CommandType.RULES_LIST, "").text();
        assertThat(RuleReader.ruleSet(YamlReader.of("rules", rules)).rules())
            .extracting(rule -> rule.name())
            .containsExactly("tcp", "more");
        assertThat(second.terminate(5)).as(second.output()).isZero();
      }
      assertThat(journaledFrames()).isGreaterThan(journaled + 2 * 100 * 6);
    }
    assertThat(lab.leftovers()).isEmpty();
  }

  /** Whatever one port received, the other sent, and no kernel queue was ever full. */
  private void assertNothingLost(VethLab lab) throws Exception {
    final long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (counter("port.client.driver-rx-packets") != counter("port.client.rx-packets")
        || counter("port.server.driver-rx-packets") != counter("port.server.rx-packets")) {
      assertThat(System.nanoTime()).isLessThan(deadlineNs);
      LockSupport.parkNanos(10_000_000);
    }
    assertThat(counter("port.server.tx-packets")).isEqualTo(counter("port.client.rx-packets"));
    assertThat(counter("port.client.tx-packets")).isEqualTo(counter("port.server.rx-packets"));
    for (String port : List.of("client", "server")) {
      for (String loss :
          List.of("shed.tx-full", "shed.frame-too-long", "malformed", "driver-rx-missed")) {
        assertThat(counter("port." + port + "." + loss)).as(port + " " + loss).isZero();
      }
    }
    assertThat(lab.kernelDrops()).isZero();
    assertThat(counter("rule.tcp.mirrored.journal")).isEqualTo(counter("rule.tcp.matched"));
  }

  private void assertSecondInstanceIsRefused(VethLab lab) throws Exception {
    final Path config = config("second", "net_af_packet,iface=" + lab.end(2), "net_null", "");
    try (Child second = start(config)) {
      assertOneLine(
          second,
          2,
          "port client: another data plane uses iface=" + lab.end(2),
          "stop it or choose another device");
    }
  }

  private long journaledFrames() throws IOException {
    long frames = 0;
    try (JournalReader reader =
        new JournalReader(root.resolve("journal"), 0, Long.MAX_VALUE, new JournalEvents() {})) {
      while (reader.next()) {
        frames++;
      }
    }
    return frames;
  }

  @Test
  void whatCannotRunSaysWhyInOneLineAndLeavesNothing() throws Exception {
    final Path file = Files.writeString(root.resolve("file"), "");
    refused(
        2,
        config("key", "net_null", "net_null", "colour: red"),
        "key.yaml:10: colour: is not a key");
    refused(
        2,
        config("interface", "net_af_packet,iface=sp-none", "net_null", ""),
        "port client: there is no interface sp-none: see ip link");
    refused(
        2,
        config("pci", "0000:ff:1f.7", "net_null", ""),
        "port client: there is no PCI device 0000:ff:1f.7: dpdk-devbind.py --status lists all");
    refused(
        2,
        config("journal", "net_null", "net_null", "journal: { directory: " + file + "/journal }"),
        "journal: " + file + "/journal: the journal folder cannot be written");
    refused(
        2, config("core", "net_null", "net_null", "records: 7"), "records: 7: give true or false");
    final Path state = config("state", "net_null", "net_null", "");
    Files.writeString(state, Files.readString(state).replaceFirst("state: .*", "state: " + file));
    refused(2, state, file.toString(), "state");
    final Path run = config("run", "net_null", "net_null", "");
    Files.writeString(
        run, Files.readString(run).replaceFirst("directory: .*", "directory: " + file));
    refused(2, run, file.toString(), "directory");
    refused(
        2,
        Files.writeString(
            root.resolve("memory.yaml"),
            Files.readString(config("memory", "net_null", "net_null", ""))
                .replace("mbufs: 16383", "mbufs: 60000000")),
        "mbufs: 60000000, with eal.memory-mb 128, take ",
        " MB available: lower them");
    refused(2, root.resolve("none.yaml"), "none.yaml: cannot be read: there is no such file");
  }

  private void refused(int status, Path config, String... parts) throws Exception {
    try (Child child = start(config)) {
      assertOneLine(child, status, parts);
    }
  }

  @Test
  void wrongUsage() throws Exception {
    try (Child child = Child.java(root, DataPlaneMain.class, "--confg", "x")) {
      assertOneLine(child, 2, "usage: shadowplane dataplane --config FILE");
    }
  }
}
