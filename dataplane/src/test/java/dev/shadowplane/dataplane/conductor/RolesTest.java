package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.telemetry.CommandType;
import dev.shadowplane.dataplane.telemetry.Reply;
import dev.shadowplane.dataplane.telemetry.ReplyStatus;
import dev.shadowplane.dpdk.DpdkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes of the frames of shadow networks, and who may say so. */
final class RolesTest extends DpdkTest {
  private static final Rule ALL =
      new Rule("all", 0, Match.ALL, 100, List.of(new RuleTarget.Port("shadow")));

  @TempDir private Path root;

  private RingLab lab(int workers) {
    return new RingLab(pool(), root, 1_024, workers, "a", "b", "shadow").shadow("shadow");
  }

  private static byte[] frame(int serial, int payloadBytes) {
    return Frames.ethernet()
        .ipv4("10.0.0.1", "10.0.0.2")
        .udp(serial & 0xffff, 9)
        .payload(new byte[payloadBytes])
        .bytes();
  }

  /** Anything that a NIC would bring: ARP, broadcasts, replies, noise. */
  private static byte[] shout(Random random) {
    final byte[] frame = new byte[60 + random.nextInt(1_440)];
    random.nextBytes(frame);
    switch (random.nextInt(3)) {
      case 0 -> {
        Arrays.fill(frame, 0, 6, (byte) 0xff);
        frame[12] = 8;
        frame[13] = 6;
      }
      case 1 -> System.arraycopy(frame(random.nextInt(), 0), 0, frame, 0, 42);
      default -> {}
    }
    return frame;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void nothingThatAStandbySendsGetsAnywhere(int workers) throws IOException {
    final long seed = System.nanoTime();
    System.out.println("RolesTest seed " + seed);
    final Random random = new Random(seed);
    final List<byte[]> sent = new ArrayList<>();
    final List<byte[]> back = new ArrayList<>();
    final List<byte[]> forwarded = new ArrayList<>();
    final List<byte[]> returned = new ArrayList<>();
    final List<byte[]> mirrored = new ArrayList<>();
    long shouts = 0;
    long bytes = 0;
    try (RingLab lab = lab(workers)) {
      lab.embed(lab.config(ALL));
      for (int round = 0; round < 200; round++) {
        final int count = random.nextInt(RingLab.BURST + 1);
        for (int i = 0; i < count; i++) {
          final byte[] frame = shout(random);
          lab.add(lab.mbuf(frame, random.nextBoolean() ? 100 : Integer.MAX_VALUE));
          bytes += frame.length;
        }
        lab.flush("shadow");
        shouts += count;
        for (int i = 0; i < random.nextInt(RingLab.BURST); i++) {
          final byte[] frame = frame(random.nextInt(), random.nextInt(1_000));
          final boolean there = random.nextInt(4) > 0;
          (there ? sent : back).add(frame);
          lab.send(there ? "a" : "b", frame);
        }
        final long dropped = shouts;
        lab.until("shouts", () -> lab.counter("port.shadow.standby-dropped-packets") == dropped);
        forwarded.addAll(lab.receive("b"));
        returned.addAll(lab.receive("a"));
        mirrored.addAll(lab.receive("shadow"));
      }
      for (int i = 0; i < RingLab.BURST; i++) {
        lab.work();
      }
      assertThat(lab.counter("port.shadow.standby-dropped-packets")).isEqualTo(shouts);
      assertThat(lab.counter("port.shadow.standby-dropped-bytes")).isEqualTo(bytes);
      assertThat(lab.counter("port.shadow.rx-packets")).isEqualTo(shouts);
      assertThat(lab.counter("port.shadow.role-epoch")).isZero();
      forwarded.addAll(lab.receive("b"));
      returned.addAll(lab.receive("a"));
      mirrored.addAll(lab.receive("shadow"));
      Traffic.assertFrames("forwarded, seed " + seed, forwarded, sent);
      Traffic.assertFrames("returned, seed " + seed, returned, back);
      assertThat(mirrored).hasSize(sent.size() + back.size());
      assertThat(lab.counter("rule.all.matched")).isEqualTo(sent.size() + back.size());
    }
  }

  @Test
  void aShadowIsHeardUnderLoadToo() throws IOException {
    try (RingLab lab = lab(1)) {
      lab.embed(lab.config());
      for (int i = 0; i < 4; i++) {
        lab.send("shadow", frame(i, 1));
      }
      lab.until(
          "shouts under load",
          () -> {
            // No duty cycle is without production.
            lab.send("a", frame(7, 7));
            lab.receive("b");
            return lab.counter("port.shadow.standby-dropped-packets") == 4;
          });
    }
  }

  private static Reply set(TestControl control, String body) {
    return control.command(CommandType.ROLE_SET, body);
  }

  private static String roles(String epoch) {
    return "{\"roles\":[{\"port\":\"shadow\",\"role\":\"standby\",\"epoch\":" + epoch + "}]}";
  }

  @Test
  void anEpochOnlyGrowsAndIsInForceWhenItIsAnswered() throws IOException {
    try (RingLab lab = lab(1)) {
      lab.embed(lab.config());
      try (TestControl control = new TestControl(lab)) {
        assertThat(control.command(CommandType.ROLES_LIST, "").text()).isEqualTo(roles("0"));
        assertThat(set(control, "{port: shadow, role: standby, epoch: 5}"))
            .isEqualTo(new Reply(ReplyStatus.OK, roles("5")));
        assertThat(lab.counter("port.shadow.role-epoch")).isEqualTo(5);
        // The same once more: whoever did not hear the answer asks again.
        assertThat(set(control, "{port: shadow, role: standby, epoch: 5}"))
            .isEqualTo(new Reply(ReplyStatus.OK, roles("5")));
        assertThat(set(control, "{port: shadow, role: standby, epoch: 4}"))
            .isEqualTo(
                new Reply(
                    ReplyStatus.CONFLICT,
                    "port shadow is standby since epoch 5, and epoch 4 is not later: look at the"
                        + " roles, and give a higher one"));
        assertThat(set(control, "{port: shadow, role: standby, epoch: 1000000000000}").text())
            .isEqualTo(roles("1000000000000"));
        assertThat(control.command(CommandType.STATUS, "").text())
            .contains(roles("1000000000000").substring(1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {port: a, role: standby, epoch: 1}                | NOT_FOUND | port a is not a shadow's: write shadow: true under ports
          {port: none, role: standby, epoch: 1}             | NOT_FOUND | port none is not a shadow's
          {port: shadow, role: active, epoch: 1}            | INVALID   | role: active: is no role: give standby
          {port: shadow, role: STANDBY, epoch: 1}           | INVALID   | role: STANDBY: is no role: give standby
          {port: shadow, epoch: 1}                          | INVALID   | role: is missing: give standby
          {port: shadow, role: standby}                     | INVALID   | epoch: is missing
          {port: shadow, role: standby, epoch: 0}           | INVALID   | epoch: 0
          {port: shadow, role: standby, epoch: -1}          | INVALID   | epoch: -1
          {port: shadow, role: standby, epoch: 1.5}         | INVALID   | epoch: 1.5
          {port: shadow, role: standby, epoch: 1000000000001} | INVALID | epoch: 1000000000001
          {port: shadow, role: standby, epoch: 9223372036854775808} | INVALID | epoch: 9223372036854775808
          {port: ../../shadow, role: standby, epoch: 1}     | INVALID   | port: ../../shadow
          {port: shadow, role: standby, epoch: 1, force: yes} | INVALID | force: is not a key
          {port: [shadow], role: standby, epoch: 1}         | INVALID   | port
          [1, 2]                                            | INVALID   | command
          {port: shadow, role                               | INVALID   | command
          """)
  void whatIsWrongChangesNothing(String body, ReplyStatus status, String message)
      throws IOException {
    try (RingLab lab = lab(1)) {
      lab.embed(lab.config());
      try (TestControl control = new TestControl(lab)) {
        final Reply reply = set(control, body);
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.text()).contains(message).hasLineCount(1);
        assertThat(control.command(CommandType.ROLES_LIST, "").text()).isEqualTo(roles("0"));
        assertThat(root.resolve("state/roles.json")).doesNotExist();
      }
    }
  }

  @Test
  void epochsOutliveTheDataPlaneAndTheirPort() throws IOException {
    try (RingLab lab = lab(1)) {
      lab.embed(lab.config());
      try (TestControl control = new TestControl(lab)) {
        set(control, "{port: shadow, role: standby, epoch: 7}");
      }
    }
    final String other = "{\"port\":\"other\",\"role\":\"standby\",\"epoch\":3}";
    final Path file = root.resolve("state/roles.json");
    Files.writeString(
        file, Files.readString(file).replace("{\"roles\":[", "{\"roles\":[" + other + ","));
    try (RingLab lab = lab(1)) {
      lab.embed(lab.config());
      assertThat(lab.counter("port.shadow.role-epoch")).isEqualTo(7);
      try (TestControl control = new TestControl(lab)) {
        assertThat(set(control, "{port: shadow, role: standby, epoch: 6}").status())
            .isEqualTo(ReplyStatus.CONFLICT);
        set(control, "{port: shadow, role: standby, epoch: 8}");
      }
    }
    assertThat(file)
        .hasContent(
            "{\"roles\":[" + other + ",{\"port\":\"shadow\",\"role\":\"standby\",\"epoch\":8}]}\n");
  }

  @Test
  void aRoleThatCannotBeKeptIsNotGiven() throws IOException {
    try (RingLab lab = lab(1)) {
      lab.embed(lab.config());
      // Nothing can be renamed to the name of a folder with something in it.
      Files.createDirectories(root.resolve("state/roles.json/x"));
      try (TestControl control = new TestControl(lab)) {
        final Reply reply = set(control, "{port: shadow, role: standby, epoch: 7}");
        assertThat(reply.status()).isEqualTo(ReplyStatus.FAILED);
        assertThat(reply.text()).contains("cannot be persisted, nothing was changed");
        assertThat(control.command(CommandType.ROLES_LIST, "").text()).isEqualTo(roles("0"));
        assertThat(lab.counter("port.shadow.role-epoch")).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"roles\":[{\"port\"",
        "{\"roles\":[{\"port\":\"shadow\",\"role\":\"king\",\"epoch\":1}]}",
        "{\"roles\":[{\"port\":\"shadow\",\"role\":\"standby\"}]}",
        "{\"roles\":[],\"more\":1}",
        "{\"roles\":[{\"port\":\"x\",\"role\":\"standby\",\"epoch\":1},"
            + "{\"port\":\"x\",\"role\":\"standby\",\"epoch\":2}]}",
        "\0\0\0",
      })
  void damagedRolesAreNamedInOneLine(String text) throws IOException {
    final Path file = Files.createDirectories(root.resolve("state")).resolve("roles.json");
    Files.writeString(file, text);
    try (RingLab lab = lab(1)) {
      assertThatThrownBy(() -> lab.embed(lab.config()))
          .isInstanceOfSatisfying(
              ConfigException.class,
              e ->
                  assertThat(e.getMessage())
                      .startsWith(file.toString())
                      .endsWith(" (persisted roles: mend or remove this file)")
                      .hasLineCount(1));
    }
  }
}
