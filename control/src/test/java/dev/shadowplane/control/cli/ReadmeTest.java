package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.shadowplane.control.api.ControlConfig;
import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.api.RuleObject;
import dev.shadowplane.control.provision.netns.NetnsConfig;
import dev.shadowplane.control.template.TemplateException;
import dev.shadowplane.control.template.TemplateReader;
import dev.shadowplane.control.v1.Rule;
import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.ipfix.IpfixConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the README tells people to write and to type is what the programs take. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path SAMPLE = ROOT.resolve("scripts/lab/sample.pcap");
  private static final Pattern YAML = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern SELECTOR =
      Pattern.compile("^\\| `[a-z`, -]+` \\| `(\\{ .+? \\})` \\|", Pattern.MULTILINE);
  private static final Pattern COMMAND =
      Pattern.compile("^(?:sudo )?scripts/shadowplane (.+)$", Pattern.MULTILINE);

  /** A word, or what is between quotes. */
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\\S+");

  private static final Pattern EXPORT_OPTION =
      Pattern.compile("^(\\| .*(?:--flow|--match|--filter).*['].*)$", Pattern.MULTILINE);

  @TempDir private Path directory;

  @Test
  void shouldShowConfigurationsThatAreRead() throws IOException {
    final List<String> blocks = all(YAML).stream().filter(block -> !isTemplate(block)).toList();
    assertThat(blocks).hasSize(8);
    final DataPlaneConfig dataPlane =
        DataPlaneConfigReader.read(
            YamlReader.of(
                "README.md", blocks.getFirst() + blocks.get(3) + blocks.get(4) + blocks.get(6)));
    assertThat(dataPlane.ports()).extracting("name").containsExactly("vm", "uplink", "shadow");
    assertThat(dataPlane.rules()).extracting("name").containsExactly("web");
    assertThat(dataPlane.collectors()).extracting("name").containsExactly("far");
    assertThat(dataPlane.rewrites()).extracting("name").containsExactly("to-shadow");
    assertThat(dataPlane.anonymisations()).extracting("name").containsExactly("hidden");
    assertThat(dataPlane.replay().orElseThrow().ports()).containsExactly("shadow");
    final Path file = Files.writeString(directory.resolve("control.yaml"), blocks.get(1));
    final ControlConfig control = ControlConfig.load(file);
    assertThat(control.directory()).isEqualTo(dataPlane.directory());
    assertThat(control.flows().subnets()).hasSize(2);
    final Path collectors =
        Files.writeString(directory.resolve("collectors.yaml"), blocks.get(1) + blocks.get(5));
    assertThat(ControlConfig.load(collectors).ipfix())
        .extracting("port", "transport", "enterprise")
        .containsExactly(
            tuple(4739, IpfixConfig.Transport.UDP, 0L),
            tuple(4739, IpfixConfig.Transport.TCP, 32_473L));
    final DataPlaneConfig functions =
        DataPlaneConfigReader.read(YamlReader.of("README.md", blocks.get(2)));
    assertThat(functions.ports())
        .extracting("device")
        .containsExactly("0000:01:10.0", "0000:02:10.0", "0000:03:10.0");
    // This host need not have the group.
    final Path provisioner =
        Files.writeString(
            directory.resolve("provisioner.yaml"),
            blocks.getLast().replaceAll("(?<=[ \\[])shadowplane(?=[ \\]])", "root"));
    assertThat(NetnsConfig.load(provisioner, ROOT.resolve("scripts")).journalGroups())
        .containsExactly(0);
  }

  private static boolean isTemplate(String block) {
    return block.startsWith("version:");
  }

  @Test
  void shouldShowTemplatesThatAreRead() throws IOException, TemplateException {
    final List<String> templates = all(YAML).stream().filter(ReadmeTest::isTemplate).toList();
    assertThat(templates).isNotEmpty();
    for (String template : templates) {
      assertThat(TemplateReader.read("README.md", template).shadow()).isNotNull();
    }
  }

  @Test
  void shouldShowCommandsThatAreTaken() throws IOException {
    final List<String> commands = all(COMMAND);
    assertThat(commands).hasSizeGreaterThanOrEqualTo(10);
    for (String command : commands) {
      if (!command.startsWith("dataplane ")) {
        final CommandLine.ParseResult parsed =
            ShadowplaneCommand.commandLine().parseArgs(words(command));
        assertThat(parsed.hasSubcommand()).as(command).isTrue();
      }
    }
  }

  /** As a shell takes a command apart, up to the pipe to another program. */
  private static String[] words(String command) {
    return WORD.matcher(command.replaceFirst(" \\| .*", ""))
        .results()
        .map(word -> word.group(1) == null ? word.group() : word.group(1))
        .toArray(String[]::new);
  }

  /** What selects frames in a table cell of the README selects some of them. */
  @Test
  void shouldShowOptionsOfExportsThatAreTaken() throws IOException {
    final List<String> examples = all(EXPORT_OPTION);
    assertThat(examples).hasSize(3);
    final Pattern option = Pattern.compile("--(flow|match|filter)");
    for (String example : examples) {
      final java.util.regex.Matcher named = option.matcher(example);
      assertThat(named.find()).as(example).isTrue();
      final Pattern value = Pattern.compile("`(?:--filter )?('[^`]+')`");
      assertThat(value.matcher(example).results().toList())
          .as(example)
          .isNotEmpty()
          .allSatisfy(shown ->
              assertThat(
                      ShadowplaneCommand.commandLine()
                          .parseArgs(
                              words(
                                  "journal export --control --output a "
                                      + named.group()
                                      + " "
                                      + shown.group(1)))
                          .hasSubcommand())
                  .isTrue());
    }
  }

  /** Each selector has an example, which the data plane reads and control hands on as it is. */
  @Test
  void shouldShowSelectorsThatAreRead() throws IOException, CommandFailure {
    final List<String> examples = all(SELECTOR);
    assertThat(examples).hasSize(15);
    for (String example : examples) {
      final Match match = MatchReader.read("README.md", example);
      assertThat(match).as(example).isNotEqualTo(Match.ALL);
      final Path file =
          Files.writeString(
              directory.resolve("rules.yaml"),
              "rules: [{ name: shown, match: " + example + ", targets: [journal] }]");
      final Rule sent = RuleFile.read(file).getFirst();
      assertThat(RuleReader.rule(YamlReader.of("sent", Json.write(RuleObject.write(sent)))).match())
          .as(example)
          .isEqualTo(match);
    }
  }

  @Test
  void shouldShowFlowsOfTheSample() throws IOException {
    final StringWriter out = new StringWriter();
    final int status =
        ShadowplaneCommand.commandLine()
            .setOut(new PrintWriter(out))
            .execute(
                "flows",
                "--pcap",
                ROOT.resolve("scripts/lab/sample.pcap").toString(),
                "--format",
                "json");
    assertThat(status).isZero();
    assertThat(out.toString()).contains("\"src_ip\"", "\"protocol\": 6", "\"protocol\": 17");
  }

  /** The table names the fields that flows have, all of them, in both directions. */
  @Test
  void shouldNameTheFieldsOfFlows() throws IOException {
    final String section = Files.readString(ROOT.resolve("README.md"));
    final String table = section.substring(section.indexOf("| field | meaning |"));
    final List<String> named = new ArrayList<>();
    for (final String row : table.substring(0, table.indexOf("\n\n")).lines().skip(2).toList()) {
      for (final String field : row.split("\\|", -1)[1].replace("`", "").strip().split(", ", -1)) {
        if (field.startsWith("*")) {
          named.add("src_to_dst" + field.substring(1));
          named.add("dst_to_src" + field.substring(1));
        } else {
          named.add(field);
        }
      }
    }
    final String header = Outcome.of(words("flows --format csv --pcap " + SAMPLE)).out();
    assertThat(named)
        .containsExactlyInAnyOrder(header.lines().findFirst().orElseThrow().split(",", -1));
  }

  /** Each example tells of every flow that the sample holds; ports are those of this test. */
  @Test
  void shouldTellCollectorsOfTheSample() throws IOException {
    final String shown = Outcome.of(words("flows --format csv --pcap " + SAMPLE)).out();
    final long flows = shown.lines().count() - 1;
    final int answers =
        List.of(shown.lines().findFirst().orElseThrow().split(",", -1))
            .indexOf("dst_to_src_packets");
    final long answered =
        shown.lines().skip(1).filter(line -> !line.split(",", -1)[answers].equals("0")).count();
    final List<String> examples =
        all(COMMAND).stream().filter(command -> command.contains("--ipfix")).toList();
    assertThat(examples).hasSize(3);
    try (DatagramSocket udp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (String example : examples) {
        final Outcome outcome =
            Outcome.of(
                words(
                    example
                            .replace("scripts/lab/sample.pcap", SAMPLE.toString())
                            .replace(
                                "udp://127.0.0.1:4739", "udp://127.0.0.1:" + udp.getLocalPort())
                            .replace(
                                "tcp://127.0.0.1:4739", "tcp://127.0.0.1:" + tcp.getLocalPort())
                            .replace("flows.ipfix", directory.resolve("flows.ipfix").toString())
                        + " --format csv"));
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out().lines().toList().getLast().split(",", -1)[1])
            .as(example)
            .isEqualTo(
                Long.toString(example.contains("--biflow=false") ? flows + answered : flows));
      }
    }
    final byte[] file = Files.readAllBytes(directory.resolve("flows.ipfix"));
    assertThat(ByteBuffer.wrap(file).getShort()).as("version").isEqualTo((short) 10);
  }

  @Test
  void shouldShowHostsOfTheSample() {
    final Outcome top =
        Outcome.of("top", "hosts", "--pcap", ROOT.resolve("scripts/lab/sample.pcap").toString());
    assertThat(top.err()).isEmpty();
    assertThat(top.out().lines().findFirst().orElseThrow()).startsWith("NAME").contains("PACKETS");
    assertThat(top.out().lines()).hasSizeGreaterThan(2);
  }

  private static List<String> all(Pattern pattern) throws IOException {
    return pattern
        .matcher(Files.readString(ROOT.resolve("README.md")))
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }
}
