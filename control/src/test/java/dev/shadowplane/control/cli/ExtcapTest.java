package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.LiveTestJournal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** tshark captures from a journal that is being written, by the script and the commands. */
@Timeout(180)
class ExtcapTest {
  private static final Path SCRIPTS = Path.of("../scripts").toAbsolutePath().normalize();

  @TempDir private static Path folder;

  private static Path journal;
  private static Thread traffic;
  private static final AtomicBoolean ENDED = new AtomicBoolean();

  private record Outcome(int status, String out, String err) {}

  /** The script as it is, beside a launcher of what is tested instead of what is packaged. */
  @BeforeAll
  static void start() throws Exception {
    journal = folder.resolve("journal");
    final Path programs = Files.createDirectory(folder.resolve("extcap"));
    Files.copy(
        SCRIPTS.resolve("shadowplane-extcap"),
        programs.resolve("shadowplane-extcap"),
        StandardCopyOption.COPY_ATTRIBUTES);
    final List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--") || option.startsWith("-Dchronicle"))
        .forEach(command::add);
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(ShadowplaneCommand.class.getName());
    final Path launcher =
        Files.writeString(
            folder.resolve("shadowplane"),
            "#!/bin/sh\nexec "
                + command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "))
                + " \"$@\"\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    // Wireshark runs everything in its folder: the launcher lies elsewhere.
    Files.writeString(
        programs.resolve("shadowplane-extcap"),
        Files.readString(programs.resolve("shadowplane-extcap"))
            .replace("scripts=$(dirname \"$(readlink -f \"$0\")\")", "scripts=" + folder));
    final CountDownLatch running = new CountDownLatch(1);
    traffic =
        Thread.ofPlatform()
            .start(() -> {
              try (LiveTestJournal writer = new LiveTestJournal(journal)) {
                for (long number = 0; !ENDED.get(); number++) {
                  writer.write((int) (number % 2), number);
                  running.countDown();
                  LockSupport.parkNanos(5_000_000);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @AfterAll
  static void stop() throws Exception {
    ENDED.set(true);
    traffic.join();
  }

  /** Whatever was started has ended. */
  @AfterEach
  void leavesNoProcess() {
    while (ProcessHandle.current().descendants().findAny().isPresent()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static Process begin(final String... command) throws Exception {
    final ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("WIRESHARK_EXTCAP_DIR", folder.resolve("extcap").toString());
    builder.environment().put("SHADOWPLANE_JOURNAL", journal.toString());
    builder.environment().put("HOME", folder.toString());
    return builder.redirectError(folder.resolve("err").toFile()).start();
  }

  private static Outcome run(final String... command) throws Exception {
    final Process process = begin(command);
    final String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), out, Files.readString(folder.resolve("err")));
  }

  /**
   * tshark with nothing but our program. Run by root it takes no folder from the environment: the
   * one where it looks is then another for this process alone.
   */
  private static Outcome tshark(final String... arguments) throws Exception {
    final List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      final Matcher looked =
          Pattern.compile("(?m)^(?:Global )?Extcap path:\\s*(/.*)$")
              .matcher(run("tshark", "-G", "folders").out());
      assertThat(looked.find()).isTrue();
      command.addAll(
          List.of(
              "unshare",
              "--mount",
              "--propagation",
              // Where the root is no mount point, as in a chroot, it cannot be made private.
              rootIsMounted() ? "private" : "unchanged",
              "sh",
              "-c",
              "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"",
              "sh",
              folder.resolve("extcap").toString(),
              looked.group(1).strip()));
    }
    command.add("tshark");
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  private static boolean rootIsMounted() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo"))
        .lines()
        .anyMatch(line -> line.split(" ", 6)[4].equals("/"));
  }

  private static Outcome script(final String... arguments) throws Exception {
    final List<String> command = new ArrayList<>(List.of(arguments));
    command.addFirst(folder.resolve("extcap/shadowplane-extcap").toString());
    return run(command.toArray(String[]::new));
  }

  @Test
  void isListed() throws Exception {
    assertThat(tshark("-D").out().lines().map(line -> line.replaceFirst("^\\d+\\. ", "")))
        .contains(
            "shadowplane-all (Shadowplane every journaled frame)",
            "shadowplane-dns (Shadowplane rule dns)",
            "shadowplane-web (Shadowplane rule web)")
        .doesNotHaveDuplicates();
  }

  @Test
  void capturesOneRuleLive() throws Exception {
    final Outcome outcome =
        tshark(
            "-i",
            "shadowplane-web",
            "-a",
            "packets:20",
            "-T",
            "fields",
            "-e",
            "frame.comment",
            "-e",
            "udp.dstport",
            "-e",
            "frame.interface_name",
            "-e",
            "udp.payload");
    assertThat(outcome.status()).as(outcome.err()).isZero();
    final List<String> lines = outcome.out().lines().toList();
    final int first = Integer.parseInt(lines.getFirst().split("\t", -1)[3], 16);
    assertThat(lines)
        .isEqualTo(
            IntStream.range(0, 20)
                .mapToObj(i -> "rule web\t80\tclient\t%08x".formatted(first + 2 * i))
                .toList());
  }

  @Test
  void takesCaptureFilters() throws Exception {
    final Outcome outcome =
        tshark(
            "-i",
            "shadowplane-all",
            "-f",
            "udp port 53",
            "-a",
            "packets:5",
            "-T",
            "fields",
            "-e",
            "frame.comment",
            "-e",
            "udp.dstport");
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.out()).isEqualTo("rule dns\t53\n".repeat(5));
    final String[] check = {"--extcap-interface", "shadowplane-web", "--extcap-capture-filter"};
    assertThat(script(check[0], check[1], check[2], "udp port 53"))
        .isEqualTo(new Outcome(0, "", ""));
    assertThat(script(check[0], check[1], check[2], "udp port port").out())
        .contains("syntax error")
        .hasLineCount(1);
  }

  @Test
  void endsWhenItIsTerminatedAndWhenNobodyReads() throws Exception {
    for (final boolean terminate : new boolean[] {true, false}) {
      final Path fifo = folder.resolve("fifo" + terminate);
      assertThat(run("mkfifo", fifo.toString()).status()).isZero();
      final Process capture =
          begin(
              folder.resolve("extcap/shadowplane-extcap").toString(),
              "--extcap-interface=shadowplane-all",
              "--capture",
              // No frame is of this rule's: nothing is written that could fail.
              terminate ? "--past=0" : "--extcap-capture-filter=tcp",
              "--fifo",
              fifo.toString());
      try (InputStream in = Files.newInputStream(fifo)) {
        assertThat(in.readNBytes(4)).containsExactly(0x0a, 0x0d, 0x0d, 0x0a);
        if (terminate) {
          capture.toHandle().destroy();
          assertThat(in.readAllBytes()).isNotEmpty();
        }
      }
      assertThat(capture.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(capture.exitValue()).as(Files.readString(folder.resolve("err"))).isZero();
      assertThat(folder.resolve("err")).isEmptyFile();
    }
  }

  @Test
  void answersTheProtocolAndRefusesTheRest() throws Exception {
    assertThat(script("--extcap-interface", "shadowplane-web", "--extcap-dlts").out())
        .isEqualTo("dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
    assertThat(script("--extcap-interface", "shadowplane-web", "--extcap-config").out())
        .contains("{call=--past}", "{call=--journal}", "{call=--control-config}")
        .hasLineCount(3);
    assertThat(script("--extcap-interfaces", "--extcap-version=4.0").out())
        .isEqualTo(
            """
            extcap {version=1.0}{help=https://www.wireshark.org/docs/man-pages/extcap.html}
            interface {value=shadowplane-all}{display=Shadowplane every journaled frame}
            interface {value=shadowplane-dns}{display=Shadowplane rule dns}
            interface {value=shadowplane-web}{display=Shadowplane rule web}
            """);
    for (final String[] wrong :
        new String[][] {
          {}, {"--nonsense"}, {"--capture"}, {"--fifo"}, {"--capture", "--past", "x"},
        }) {
      final Outcome outcome = script(wrong);
      assertThat(outcome.status()).isEqualTo(2);
      assertThat(outcome.err()).startsWith("shadowplane-extcap: ").hasLineCount(1);
    }
    final Outcome none =
        script("--extcap-interfaces", "--journal", folder.resolve("no").toString());
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("/no is no folder").hasLineCount(1);
  }
}
