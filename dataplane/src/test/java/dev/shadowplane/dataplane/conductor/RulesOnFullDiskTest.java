package dev.shadowplane.dataplane.conductor;

import static dev.shadowplane.dataplane.conductor.RuleChangeTest.assertCounters;
import static dev.shadowplane.dataplane.conductor.RuleChangeTest.frame;
import static dev.shadowplane.dataplane.conductor.RuleChangeTest.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleSet;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.Reply;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that cannot be persisted: the change fails, and everything goes on as if never asked. */
final class RulesOnFullDiskTest extends DpdkTest {
  @TempDir private Path root;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    assumeThat(System.getProperty("user.name")).as("mounts a disk of its own").isEqualTo("root");
    disk = Files.createDirectory(root.resolve("state"));
    CaptureTool.lines("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      CaptureTool.lines("umount", "--lazy", disk.toString());
    }
  }

  private RingLab lab() {
    return new RingLab(pool(), root, 1_024, "a", "b", "shadow");
  }

  @Test
  void theCommandFailsAndChangesNothing() throws Exception {
    try (RingLab lab = lab()) {
      lab.embed(lab.config(rule(1)));
      try (TestControl control = new TestControl(lab)) {
        final String before = control.command(CommandType.RULES_LIST, "").text();
        final Path other = fill(disk.resolve("other"));
        final Reply full = control.command(CommandType.RULE_ADD, RuleWriter.write(rule(2)));
        assertThat(full.status()).isEqualTo(ReplyStatus.FAILED);
        assertThat(full.text())
            .startsWith(
                "the rules cannot be persisted, nothing was changed: make room in the state directory")
            .hasLineCount(1);
        assertThat(control.command(CommandType.RULES_LIST, "").text()).isEqualTo(before);
        lab.send("a", frame(1), frame(2));
        lab.work();
        Traffic.assertFrames("mirrored", lab.receive("shadow"), List.of(frame(1)));
        assertThat(lab.receive("b")).hasSize(2);
        assertCounters(lab, List.of(rule(1)));
        Files.delete(other);
        assertThat(control.command(CommandType.RULE_ADD, RuleWriter.write(rule(2))).status())
            .isEqualTo(ReplyStatus.OK);
        assertCounters(lab, List.of(rule(1), rule(2)));
      }
    }
  }

  /** A rule that takes every third packet goes on counting to three. */
  @Test
  void aRuleThatIsKeptKeepsItsPlaceInTheSample() throws Exception {
    final Rule third = every(3);
    try (RingLab lab = lab()) {
      lab.embed(lab.config(third));
      try (TestControl control = new TestControl(lab)) {
        lab.send("a", frame(1), frame(2));
        lab.work();
        final Path other = fill(disk.resolve("other"));
        final String fifth = RuleWriter.write(new RuleSet(0, List.of(every(5))));
        assertThat(
                control
                    .command(CommandType.RULES_REPLACE, fifth.replace("\"version\":0,", ""))
                    .status())
            .isEqualTo(ReplyStatus.FAILED);
        Files.delete(other);
        assertThat(control.command(CommandType.RULE_ADD, RuleWriter.write(rule(7))).status())
            .isEqualTo(ReplyStatus.OK);
        lab.send("a", frame(3), frame(4), frame(5));
        lab.work();
        Traffic.assertFrames("mirrored", lab.receive("shadow"), List.of(frame(1), frame(4)));
        assertThat(lab.receive("b")).hasSize(5);
      }
    }
  }

  private static Rule every(int packets) {
    return new Rule(
        "sample",
        1,
        Match.ALL,
        100,
        List.of(new RuleTarget.Port("shadow")),
        CopyChange.NONE,
        new Limits(0, 0, packets, 0, 0));
  }

  private static Path fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        out.write(new byte[1_024]);
      }
    } catch (IOException e) {
      return file;
    }
  }
}
