package dev.shadowplane.control.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shadowplane.control.cli.ShadowplaneCommand;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent as the provisioner starts it, killed at random moments. */
@Timeout(180)
class ReplicatorProcessTest {
  private static final int KILLS = Integer.getInteger("shadowplane.test.kills", 8);
  private static final String NOBODY = "65534";

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();
  private Path from;
  private Path to;
  private Path report;
  private int barriers;

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  @BeforeEach
  void makeFolders() throws IOException {
    from = Files.createDirectory(folder.resolve("from"));
    to = folder.resolve("to");
    report = Files.createDirectory(folder.resolve("report"));
  }

  @AfterEach
  void stop() throws Exception {
    for (final Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(final String mode, final String... before) throws IOException {
    final Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        """
        {"service": "shop", "mode": "%s", "from": "%s", "to": "%s", "interval_ms": 100}
        """
            .formatted(mode, from, to));
    final List<String> command = new ArrayList<>(List.of(before));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(option -> option.startsWith("--"))
            .toList());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            ShadowplaneCommand.class.getName(),
            "replicate",
            "--config",
            config.toString(),
            "--report",
            report.toString()));
    final ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    final Process process = builder.start();
    started.add(process);
    return process;
  }

  private ReplicationStatus status() {
    try {
      final ReplicationStatus status = new ReplicationReport(report).status();
      return status == null ? empty() : status;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ReplicationStatus empty() {
    return new ReplicationStatus(
        "", "", "", "", "", "", 0, "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of(), 0, List.of(), 0,
        "");
  }

  /** Until all that has happened is there, by the agent's own account. */
  private void reach() throws IOException {
    final String barrier = "test-" + barriers++;
    new ReplicationReport(report).ask(barrier);
    Trees.await("barrier " + barrier, () -> status().barrier().equals(barrier));
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "differential", "full"})
  void holdsTheSameAfterKillsAtRandomMoments(final String mode) throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    // Long enough to be hit in the middle of a file.
    final byte[] big = new byte[20 << 20];
    for (int kill = 0; kill < KILLS; kill++) {
      random.nextBytes(big);
      Files.write(from.resolve("big"), big);
      for (int i = 0; i < 50; i++) {
        Trees.change(from, random);
      }
      final Process process = start(mode);
      final long end =
          System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(1_300));
      while (System.nanoTime() < end) {
        Trees.change(from, random);
      }
      process.destroyForcibly().waitFor();
    }
    final Process last = start(mode);
    reach();
    final Map<String, String> expected = Trees.of(from);
    assertThat(Trees.of(to)).as("seed %d, mode %s", seed, mode).isEqualTo(expected);
    assertThat(to.resolve(TargetFolder.OWN).resolve("staging")).isEmptyDirectory();
    last.toHandle().destroy();
    assertThat(last.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(last.exitValue()).as(Files.readString(folder.resolve("log"))).isZero();
    assertThat(Long.parseLong(status().version())).isPositive();
  }

  @Test
  @EnabledIf("isRoot")
  void waitsForSpaceAndGoesOn() throws Exception {
    Files.createDirectory(to);
    mount("-t", "tmpfs", "-o", "size=2m,mode=755", "shadowplane-repl", to.toString());
    try {
      Files.write(from.resolve("small"), new byte[100_000]);
      start("event");
      reach();
      Files.write(from.resolve("large"), new byte[4 << 20]);
      Trees.await("stalled", () -> status().state().equals("stalled"));
      assertThat(status().reason()).contains("large: No space left on device");
      Files.writeString(from.resolve("small"), "still brought over");
      Trees.await("small", () -> hasContents(to.resolve("small"), "still brought over"));
      assertThat(to.resolve("large")).doesNotExist();
      Files.write(from.resolve("large"), new byte[200_000]);
      reach();
      assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
      assertThat(status().state()).isEqualTo("in-step");
    } finally {
      stop();
      assertThat(new ProcessBuilder("umount", to.toString()).inheritIO().start().waitFor())
          .isZero();
    }
  }

  private static void mount(final String... arguments) throws Exception {
    final List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static boolean hasContents(final Path file, final String contents) {
    try {
      return Files.readString(file).equals(contents);
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  @EnabledIf("isRoot")
  void namesWhatItMayNotReadAndTriesAgain() throws Exception {
    assumeTrue(nobodyMayReadTheClasses(), "the checkout or its libraries are closed to others");
    // The folder of tests may be closed to others, too.
    final Path open = Files.createTempDirectory(Path.of("/dev/shm"), "shadowplane-repl");
    try {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
      folder = open;
      makeFolders();
      readsWhatItMay();
    } finally {
      stop();
      Trees.delete(open);
    }
  }

  private static boolean nobodyMayReadTheClasses() throws Exception {
    final List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid",
                NOBODY,
                "--clear-groups",
                "sh",
                "-c",
                "for file; do test -r \"$file\" || exit 1; done",
                "sh"));
    command.addAll(List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
    command.add(System.getProperty("java.home") + "/bin/java");
    return new ProcessBuilder(command).start().waitFor() == 0;
  }

  private void readsWhatItMay() throws Exception {
    Files.createDirectory(to);
    for (final Path own : List.of(to, report)) {
      Files.setAttribute(own, "unix:uid", Integer.parseInt(NOBODY));
    }
    Files.writeString(from.resolve("public"), "for all");
    Files.writeString(from.resolve("secret"), "not yet");
    Files.setPosixFilePermissions(
        from.resolve("secret"), PosixFilePermissions.fromString("rw-------"));
    Files.createDirectory(from.resolve("closed"));
    Files.writeString(from.resolve("closed/file"), "not yet either");
    Files.setPosixFilePermissions(
        from.resolve("closed"), PosixFilePermissions.fromString("rwx------"));
    start("event", "setpriv", "--reuid", NOBODY, "--clear-groups", "--bounding-set", "-all");
    Trees.await("failures", () -> status().failing() == 2);
    assertThat(status().state()).isEqualTo("stalled");
    assertThat(status().failures())
        .containsExactlyInAnyOrder("secret: permission denied", "closed: permission denied");
    assertThat(to.resolve("public")).hasContent("for all");
    Files.setPosixFilePermissions(
        from.resolve("secret"), PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(
        from.resolve("closed"), PosixFilePermissions.fromString("rwxr-xr-x"));
    reach();
    assertThat(Trees.of(to)).isEqualTo(Trees.of(from));
    assertThat(status().failing()).isZero();
  }

  /** What is published is one of the states that the file had, though it changes all the time. */
  @Test
  void publishesNoMixtureOfTwoStates() throws Exception {
    final byte[] contents = new byte[3 << 20];
    Files.write(from.resolve("file"), contents);
    start("event");
    reach();
    final Path published = to.resolve("file");
    for (int round = 1; round < 60; round++) {
      Arrays.fill(contents, (byte) round);
      try (FileChannel file = FileChannel.open(from.resolve("file"), StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.wrap(contents));
      }
      final byte[] seen = Files.readAllBytes(published);
      assertThat(seen).hasSize(contents.length).containsOnly(seen[0]);
    }
    reach();
    assertThat(published).hasBinaryContent(contents);
  }
}
