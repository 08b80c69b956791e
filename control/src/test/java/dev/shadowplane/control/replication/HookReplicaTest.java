package dev.shadowplane.control.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import dev.shadowplane.dataplane.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hooks of a few lines of shell, which keep a number in a file: good ones and bad ones. */
@Timeout(60)
class HookReplicaTest {
  private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(1);

  /** The number of the source is in from/value; each version is the number itself. */
  private static final String SNAPSHOT =
      """
      value=$(cat $SHADOWPLANE_FROM/value)
      printf 'begin %s 1 0\\npart %s 1 %s\\n%send %s 1 0\\n' $value $value ${#value} $value $value
      """;

  private static final String CHANGES =
      """
      value=$(cat $SHADOWPLANE_FROM/value)
      [ "$1" -le "$value" ] || exit 3
      if [ "$1" -lt "$value" ]; then printf 'change %s 1 %s\\n%s' $value ${#value} $value; fi
      """;

  private static final String APPLY =
      """
      echo "holds $(cat $SHADOWPLANE_TO/value 2>/dev/null || echo -)"
      while read -r kind version time length; do
        value=$(dd bs=1 count=$length status=none)
        case $kind in
          part | change) echo "$value" >$SHADOWPLANE_TO/new; mv $SHADOWPLANE_TO/new $SHADOWPLANE_TO/value ;;
        esac
        echo 'applied 1'
      done
      """;

  @TempDir private Path folder;
  private Path from;
  private Path to;
  private Path hooks;
  private Progress progress;

  @BeforeEach
  void makeFolders() throws IOException {
    from = Files.createDirectory(folder.resolve("from"));
    to = Files.createDirectory(folder.resolve("to"));
    hooks = Files.createDirectory(folder.resolve("hooks"));
    hook("snapshot", SNAPSHOT);
    hook("changes-since", CHANGES);
    hook("apply", APPLY);
    progress = new Progress(config(Mode.FULL), new SystemEpochNanoClock());
  }

  private ReplicationConfig config(final Mode mode) {
    return new ReplicationConfig("number", mode, from, to, hooks, 100);
  }

  private void hook(final String name, final String script) throws IOException {
    final Path file = Files.writeString(hooks.resolve(name), "#!/bin/bash\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private HookReplica open(final Mode mode) {
    config(mode).check();
    progress = new Progress(config(mode), new SystemEpochNanoClock());
    return new HookReplica(config(mode), progress, SILENCE_NS);
  }

  private void bring(final Mode mode) throws Exception {
    try (HookReplica replica = open(mode)) {
      while (!replica.step(10, true)) {
        assertThat(progress.status().state()).isNotEqualTo("stalled");
      }
    }
  }

  @Test
  void takesTheWholeFirstAndThenWhatChanged() throws Exception {
    Files.writeString(from.resolve("value"), "7");
    bring(Mode.DIFFERENTIAL);
    assertThat(to.resolve("value")).hasContent("7\n");
    assertThat(progress.status().version()).isEqualTo("7");
    Files.writeString(from.resolve("value"), "12");
    bring(Mode.DIFFERENTIAL);
    assertThat(to.resolve("value")).hasContent("12\n");
    assertThat(progress.status().changes()).isEqualTo(1);
    // Less than the target holds: the source says that it does not know.
    Files.writeString(from.resolve("value"), "3");
    bring(Mode.DIFFERENTIAL);
    assertThat(to.resolve("value")).hasContent("3\n");
  }

  @Test
  void saysWhatAHookSaidWhenItFailed() throws Exception {
    hook("snapshot", "echo first >&2; echo 'the disk is on fire' >&2; exit 5");
    assertRefused("snapshot ended with status 5: the disk is on fire");
    hook("snapshot", SNAPSHOT);
    Files.writeString(from.resolve("value"), "7");
    hook("apply", "echo 'holds -'; echo 'no room' >&2; exit 1");
    assertRefused("apply ended with status 1: no room");
    hook("apply", "exit 4");
    assertRefused("apply ended with status 4");
  }

  @Test
  void refusesWhatIsNoStream() throws Exception {
    hook("snapshot", "echo hello");
    assertRefused("snapshot wrote what is no record: 'hello'");
    hook("snapshot", "head -c 100000 /dev/zero");
    assertRefused("snapshot wrote what is no record");
    hook("snapshot", "echo 'part 1 1 999999999999'");
    assertRefused("snapshot wrote a record of 999999999999 bytes: 536870912 are the most");
    hook("snapshot", "echo 'part 1 1 50'; echo short");
    assertRefused("snapshot ended in the middle of a record");
    hook("snapshot", SNAPSHOT);
    Files.writeString(from.resolve("value"), "7");
    hook("apply", "echo 'holds -'; echo 'applied 5'; cat >/dev/null");
    assertRefused("apply answered for records that it was not given");
    hook("apply", "echo 'hello'; cat >/dev/null");
    assertRefused("apply began with 'hello' instead of 'holds VERSION'");
    hook("apply", "echo 'holds -'; echo nonsense; cat >/dev/null");
    assertRefused("apply answered what is no answer: 'nonsense'");
    hook("apply", "echo 'holds -'; cat >/dev/null");
    assertRefused("apply ended without an answer for what it was given");
  }

  @Test
  void killsWhatIsSilentWithAllThatItStarted() throws Exception {
    hook("snapshot", "sleep 4711 & echo $! >$SHADOWPLANE_TO/child; wait");
    assertRefused("snapshot said nothing for 1 s and was killed");
    final long child = Long.parseLong(Files.readString(to.resolve("child")).strip());
    Trees.await("the end of the child", () -> isGone(child));
    hook("apply", "sleep 4712");
    assertRefused("apply said nothing for 1 s and was killed");
  }

  /** Gone, or ended with nobody who asks how. */
  private static boolean isGone(final long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void namesHooksThatAreMissing() throws Exception {
    Files.delete(hooks.resolve("changes-since"));
    assertThatThrownBy(() -> open(Mode.EVENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(hooks.resolve("changes-since") + " is no executable");
  }

  private void assertRefused(final String message) {
    final ThrowingCallable bring = () -> bring(Mode.FULL);
    assertThatThrownBy(bring).isInstanceOf(IOException.class).hasMessageContaining(message);
  }
}
