package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.ControlConfig;
import dev.shadowplane.control.api.ControlServer;
import dev.shadowplane.control.api.FakeDataPlane;
import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.api.TestJournal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as a user types them, against a running control. */
@Timeout(60)
class CommandLineTest {
  private static final int JOURNALED = 500;

  @TempDir private static Path folder;
  private static Path config;
  private static ControlServer server;
  private static FakeDataPlane dataPlane;

  /** What a command left behind. */
  @BeforeAll
  static void start() throws Exception {
    TestJournal.write(folder.resolve("journal"), JOURNALED);
    config = folder.resolve("control.yaml");
    final int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        config,
        "directory: %s\nstate: %s\nlisten: 127.0.0.1:%d\njournal: %s\n"
            .formatted(
                folder.resolve("shm"), folder.resolve("state"), port, folder.resolve("journal")));
    dataPlane = new FakeDataPlane(folder.resolve("shm"), folder.resolve("data"));
    server = ControlServer.start(ControlConfig.load(config));
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Outcome status = run("status", "--format", "json");
    while (!status.out().contains("\"attached\": true")) {
      assertThat(System.nanoTime()).as("attached within 20 s: %s", status).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
      status = run("status", "--format", "json");
    }
  }

  @AfterAll
  static void stop() {
    server.close();
    dataPlane.close();
  }

  @Test
  void showsTheStatus() {
    final Outcome outcome = run("status");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .contains("data plane  running, version 9.9, process " + ProcessHandle.current().pid())
        .contains("worker      core 1: client>server");
    assertThat(Json.object(run("status", "--format", "json").out()))
        .containsEntry("attached", true)
        .containsEntry("control_pid", ProcessHandle.current().pid());
  }

  @Test
  void listsThePortsInThreeForms() {
    assertThat(run("ports").out())
        .isEqualTo(
            """
            NAME    DEVICE          DRIVER         MAC                 MTU  LINK_UP  SPEED_MBPS  RX_DESCRIPTORS  TX_DESCRIPTORS
            client  net_af_packet0  net_af_packet  02:00:00:00:00:01  1500  true          10000            1024             512
            """);
    assertThat(run("ports", "--format", "csv").out().split("\r\n", -1))
        .containsExactly(
            "name,device,driver,mac,mtu,link_up,speed_mbps,rx_descriptors,tx_descriptors",
            "client,net_af_packet0,net_af_packet,02:00:00:00:00:01,1500,true,10000,1024,512",
            "");
    assertThat(Json.object(run("ports", "--format", "json").out()).get("ports"))
        .isEqualTo(
            List.of(
                Map.of(
                    "name",
                    "client",
                    "device",
                    "net_af_packet0",
                    "driver",
                    "net_af_packet",
                    "mac",
                    "02:00:00:00:00:01",
                    "mtu",
                    1500L,
                    "link_up",
                    true,
                    "speed_mbps",
                    10_000L,
                    "rx_descriptors",
                    1024L,
                    "tx_descriptors",
                    512L)));
  }

  @Test
  void givesAndListsRoles() {
    assertThat(run("role", "list").out())
        .isEqualTo(
            """
            PORT    ROLE     EPOCH
            shadow  standby      0
            """);
    assertThat(run("role", "set", "shadow", "standby", "--epoch", "3"))
        .isEqualTo(new Outcome(0, "shadow is standby since epoch 3\n", ""));
    assertThat(run("role", "list", "--format", "csv").out())
        .isEqualTo("port,role,epoch\r\nshadow,standby,3\r\n");
    assertThat(run("status").out()).contains("shadow      shadow standby, epoch 3\n");
    assertThat(run("role", "set", "shadow", "standby", "--epoch", "2"))
        .isEqualTo(new Outcome(1, "", "shadowplane: epoch 2 is not later\n"));
    assertThat(run("role", "set", "client", "standby", "--epoch", "4"))
        .isEqualTo(new Outcome(1, "", "shadowplane: port client is not a shadow's\n"));
  }

  @Test
  void changesRulesByOptionsAndFiles() throws Exception {
    assertThat(
            run("rule add --name web --priority 5 --percent 12.5 --protocol tcp --source 10.0.0.0/8"
                    .split(" "))
                .err())
        .contains("Missing required argument(s): --target=TARGET");
    assertThat(
            run(("rule add --name web --priority 5 --percent 12.5 --protocol tcp --source 10.0.0.0/8"
                        + " --destination-ports 80,443 --direction forward --target port:shadow0 --target journal")
                    .split(" "))
                .out())
        .startsWith("added web, rules version ");
    final String listed = run("rule", "list", "--format", "json").out();
    assertThat(Json.write(Objects.requireNonNull(Json.object(listed).get("rules"))))
        .isEqualTo(
            "[{\"name\":\"web\",\"priority\":5,\"match\":{\"source\":\"10.0.0.0/8\",\"protocol\":\"tcp\","
                + "\"destination-ports\":\"80,443\",\"direction\":\"forward\"},\"percent\":12.5,"
                + "\"targets\":[\"port:shadow0\",\"journal\"]}]");
    assertThat(run("rule", "list").out().lines())
        .containsExactly(
            "NAME  PRIORITY  PERCENT  MATCH" + " ".repeat(70) + "TARGETS",
            "web          5     12.5  source=10.0.0.0/8 protocol=tcp destination-ports=80,443 direction=forward"
                + "  port:shadow0,journal");
    final Path saved = folder.resolve("saved.json");
    Files.writeString(saved, listed);
    final Path more = folder.resolve("more.yaml");
    Files.writeString(
        more, "# one\nname: dns\nmatch: {protocol: 17, destination-ports: 53}\ntargets: journal\n");
    assertThat(run("rule", "add", "--file", more.toString()).out()).startsWith("added dns");
    final Outcome again = run("rule", "add", "--file", more.toString());
    assertThat(again)
        .isEqualTo(new Outcome(1, "", "shadowplane: rule 'dns' exists: remove it first\n"));
    assertThat(run("rule", "replace", "--file", saved.toString()).out())
        .startsWith("replaced all by 1, rules version ");
    assertThat(run("rule", "list", "--format", "csv").out())
        .isEqualTo(
            "name,priority,percent,first-packets,first-bytes,every,packets-per-second,bits-per-second,"
                + "match,targets,snap-length,mark,rewrite,anonymise\r\nweb,5,12.5,,,,,,"
                + "\"source=10.0.0.0/8 protocol=tcp destination-ports=80,443 direction=forward\","
                + "\"port:shadow0,journal\",,,,\r\n");
    assertThat(run("rule", "replace", "--file", saved.toString(), "--if-version", "1").status())
        .isEqualTo(1);
    assertThat(run("rule", "remove", "web").out()).startsWith("removed web, rules version ");
    assertThat(run("rule", "remove", "web"))
        .isEqualTo(new Outcome(1, "", "shadowplane: there is no rule 'web': list the rules\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rule add", "rule add --name a --target journal --file b"})
  void takesARuleFromOneSource(final String command) {
    assertThat(Outcome.of(command.split(" ")))
        .isEqualTo(
            new Outcome(
                2,
                "",
                "shadowplane: a rule comes from options or from a file: give --name and --target, or --file alone\n"));
  }

  @Test
  void passesOnWhyTheDataPlaneRefusesARule() {
    assertThat(run("rule", "add", "--name", "x", "--percent", "101", "--target", "journal"))
        .isEqualTo(new Outcome(2, "", "shadowplane: rule 'x': percent is 101: write 0 to 100\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name: a;colour: red     | : rule 'a' has the unknown key 'colour': the keys are [anonymise, bits-per-second,
          name: a;match: [1       | :2: this is neither YAML nor JSON:
          rules: {a: b}           | : rule '' has the unknown key 'rules'
          - name: a               | : a rule is [{name=a}] and should be an object
          """)
  void namesWhatIsWrongInARuleFile(final String lines, final String message) throws Exception {
    final Path file = folder.resolve("bad.yaml");
    Files.writeString(file, lines.replace(';', '\n'));
    final Outcome outcome = run("rule", "add", "--file", file.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("shadowplane: " + file + message).hasLineCount(1);
  }

  @Test
  void readsTheMappedCountersWithoutControl() {
    final Outcome json =
        Outcome.of("stat", "--directory", folder.resolve("shm").toString(), "--format", "json");
    assertThat(json.err()).isEmpty();
    final Map<String, Object> object = Json.object(json.out());
    assertThat(object)
        .containsEntry("epoch", dataPlane.epoch())
        .containsEntry("pid", ProcessHandle.current().pid())
        .containsEntry("alive", true);
    assertThat(object.get("counters"))
        .asInstanceOf(InstanceOfAssertFactories.list(Object.class))
        .contains(
            Map.of(
                "id",
                0L,
                "type",
                (long) FakeDataPlane.FORWARDED_TYPE,
                "label",
                FakeDataPlane.FORWARDED,
                "value",
                1_234_567_890_123L));
    assertThat(Outcome.of("stat", "--directory", folder.resolve("shm").toString()).out())
        .contains("1234567890123  " + FakeDataPlane.FORWARDED);
    assertThat(Outcome.of("stat", "--directory", folder.resolve("none").toString()))
        .isEqualTo(
            new Outcome(
                2,
                "",
                "shadowplane: "
                    + folder.resolve("none")
                    + " is no folder: name 'directory' of the data plane's configuration\n"));
    assertThat(Outcome.of("stat", "--directory", folder.toString()).status()).isEqualTo(1);
  }

  @Test
  void exportsTheSameBytesFromTheFolderAndThroughControl() throws Exception {
    final Path direct = folder.resolve("direct.pcapng");
    final Path streamed = folder.resolve("streamed.pcapng");
    final String journal = folder.resolve("journal").toString();
    final Outcome outcome =
        Outcome.of("journal", "export", "--journal", journal, "--output", direct.toString());
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .isEqualTo(
            "exported 500 frames, 500000 bytes, to "
                + direct
                + ", from 2026-09-21T14:13:20Z to 2026-09-21T14:13:20.000499Z\n");
    final Outcome json =
        run("journal", "export", "--control", "--output", streamed.toString(), "--format", "json");
    assertThat(Json.object(json.out()))
        .containsEntry("frames", (long) JOURNALED)
        .containsEntry("first_ns", TestJournal.FIRST_NS)
        .containsEntry("output", streamed.toString());
    assertThat(Files.size(direct)).isGreaterThan((long) JOURNALED * TestJournal.FRAME_BYTES);
    assertThat(streamed).hasSameBinaryContentAs(direct);
    final long from = TestJournal.FIRST_NS + 100 * TestJournal.STEP_NS;
    final String[] range = {
      "--from", Long.toString(from), "--to", "2026-09-21T14:13:20.000200Z", "--format", "json"
    };
    for (final String[] source : new String[][] {{"--journal", journal}, {"--control"}}) {
      final String[] arguments =
          Stream.of(
                  Stream.of("journal", "export", "--output", streamed.toString()),
                  Stream.of(source),
                  Stream.of(range))
              .flatMap(part -> part)
              .toArray(String[]::new);
      assertThat(Json.object(run(arguments).out())).containsEntry("frames", 100L);
    }
    assertThat(leftOvers()).isEmpty();
  }

  /** Random frames, chosen by libpcap's reading of their first byte. */
  @Test
  void choosesAndSplitsInControlAsFromTheFolder() throws Exception {
    final String journal = folder.resolve("journal").toString();
    final List<List<byte[]>> exports = new java.util.ArrayList<>();
    for (final String[] source : new String[][] {{"--journal", journal}, {"--control"}}) {
      final Path out = Files.createTempDirectory(folder, "split");
      final String[] arguments =
          Stream.of(
                  Stream.of("journal", "export", "--output", out.resolve("part.pcap").toString()),
                  Stream.of(source),
                  Stream.of("--filter", "ether[0] & 1 = 0", "--limit", "200", "--inbound"),
                  Stream.of("--port", "client", "--split-size", "70k", "--format", "json"))
              .flatMap(part -> part)
              .toArray(String[]::new);
      assertThat(Json.object(run(arguments).out()))
          .containsEntry("frames", 200L)
          .containsEntry("files", 3L);
      final List<byte[]> parts = new java.util.ArrayList<>();
      try (Stream<Path> files = Files.list(out)) {
        for (final Path file : files.sorted().toList()) {
          parts.add(Files.readAllBytes(file));
        }
      }
      assertThat(parts).hasSize(3);
      for (final byte[] part : parts) {
        for (int at = 24; at < part.length; at += 16 + TestJournal.FRAME_BYTES) {
          assertThat(part[at + 16] & 1).isZero();
        }
      }
      exports.add(parts);
    }
    assertThat(exports.get(0)).usingRecursiveComparison().isEqualTo(exports.get(1));
    assertThat(run("journal", "export", "--control", "--output", "a", "--filter", "porta").err())
        .contains("porta is neither a keyword nor an address")
        .hasLineCount(1);
    assertThat(
            run("journal", "export", "--control", "--output", "a", "--flow", "tcp 10.0.0.0/8 ::1")
                .err())
        .contains("flow: '10.0.0.0/8' is no address: give one of each end")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --journal none --output a.pcapng           | 2 | /none is no folder: name the one that the data plane journals to
          --journal journal --output no/a.pcapng     | 2 | /no/a.pcapng cannot be a file: name one in a folder that exists
          --journal journal --output a --from soon   | 2 | --from 'soon' is no time: write 2026-11-20T10:00:00Z, or nanoseconds since 1970 UTC
          --journal journal --output a --from 2 --to 1 | 2 | the range from 2 ns to 1 ns is empty: let it end after it begins
          --journal journal --output a --split-size 1  | 2 | files of 1 bytes are too small: give at least 65536
          --journal journal --output a --split-size x  | 2 | is no size: write 65536, 500k, 100M or 2G
          --journal journal --output a --split-time -1 | 2 | --split-time -1: give seconds, up to a year
          --journal journal --output a --flow tcp      | 2 | is no flow: write
          --journal journal --output a --limit -1      | 2 | --limit -1: give 1 or more
          --journal journal --output a --match [       | 2 | --match:1: this is neither YAML nor JSON
          --journal journal --output a --match {no:1}  | 2 | --match has the unknown key 'no:1'
          --journal journal --output a --match {} --vlan 7 | 2 | --match stands for all selectors
          --journal journal --output a --dscp 99       | 2 | match:1: dscp: 99: give a whole number from 0 to 63
          --journal journal --output a --filter porta  | 2 | porta is neither a keyword nor an address
          --journal journal --output a --inbound --outbound | 2 | mutually exclusive
          """)
  void refusesExportsThatCannotBe(final String options, final int status, final String message)
      throws Exception {
    final String[] arguments = ("journal export " + options).split(" ");
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].equals("--journal") || arguments[i].equals("--output")) {
        arguments[i + 1] = folder.resolve(arguments[i + 1]).toString();
      }
    }
    final Outcome outcome = Outcome.of(arguments);
    assertThat(outcome.status()).isEqualTo(status);
    assertThat(outcome.err()).contains(message).hasLineCount(1);
    assertThat(leftOvers()).isEmpty();
  }

  @Test
  void showsLiveFlows() {
    assertThat(run("flows", "--format", "json")).isEqualTo(new Outcome(0, "[]\n", ""));
    assertThat(run("flows").out()).startsWith("FIRST SEEN (UTC)").endsWith("0 of 0 flows\n");
    assertThat(run("flows", "--limit", "1001"))
        .isEqualTo(
            new Outcome(2, "", "shadowplane: limit is 1001: write 1 to 1000, or 0 for 20\n"));
  }

  @Test
  void saysWhatToDoWhenControlIsNotThere() throws Exception {
    final Path other = folder.resolve("other.yaml");
    Files.writeString(
        other, "{directory: /none, state: " + folder.resolve("never") + ", listen: 127.0.0.1:1}");
    final Outcome never = Outcome.of("status", "--control-config", other.toString());
    assertThat(never.status()).isEqualTo(1);
    assertThat(never.err())
        .isEqualTo(
            "shadowplane: "
                + folder.resolve("never/pki/ca.crt")
                + " cannot be read: start control once, and run this as its user or as root\n");
    Files.writeString(
        other, "{directory: /none, state: " + folder.resolve("state") + ", listen: 127.0.0.1:1}");
    final Outcome gone = Outcome.of("status", "--control-config", other.toString());
    assertThat(gone.status()).isEqualTo(1);
    assertThat(gone.err())
        .isEqualTo(
            "shadowplane: control at 127.0.0.1:1 cannot be reached (Connection refused): start it with 'shadowplane"
                + " control', or name its configuration with --control-config\n");
    final Outcome unconfigured = Outcome.of("status", "--control-config", "/none/control.yaml");
    assertThat(unconfigured.status()).isEqualTo(2);
    assertThat(unconfigured.err())
        .isEqualTo("shadowplane: /none/control.yaml: cannot be read: there is no such file\n");
  }

  private static List<String> leftOvers() throws Exception {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(Path::toString).filter(name -> name.endsWith(".part")).toList();
    }
  }

  /** Runs a command that talks to the control of these tests. */
  private static Outcome run(final String... arguments) {
    final String[] all =
        Stream.concat(Stream.of(arguments), Stream.of("--control-config", String.valueOf(config)))
            .toArray(String[]::new);
    return Outcome.of(all);
  }
}
