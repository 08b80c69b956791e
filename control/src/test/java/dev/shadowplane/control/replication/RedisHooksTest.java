package dev.shadowplane.control.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hooks that are shipped for Redis, between two real servers. */
@Timeout(120)
@EnabledIf("dev.shadowplane.control.replication.RedisServer#isInstalled")
class RedisHooksTest {
  private static final Path HOOKS = Path.of("../scripts/hooks/redis").toAbsolutePath().normalize();
  private static final int WAIT_MS = 50;

  @TempDir private Path folder;
  private RedisServer from;
  private RedisServer to;
  private Progress progress;

  @BeforeEach
  void start() throws IOException {
    from = new RedisServer(folder.resolve("from"));
    to = new RedisServer(folder.resolve("to"));
    progress = new Progress(config(Mode.EVENT), new SystemEpochNanoClock());
  }

  @AfterEach
  void stop() throws Exception {
    from.end();
    to.end();
  }

  private ReplicationConfig config(final Mode mode) {
    return new ReplicationConfig(
        "cache", mode, folder.resolve("from"), folder.resolve("to"), HOOKS, 100);
  }

  private HookReplica open(final Mode mode) {
    final ReplicationConfig config = config(mode);
    config.check();
    progress = new Progress(config, new SystemEpochNanoClock());
    return new HookReplica(config, progress, HookReplica.SILENCE_NS);
  }

  private void reach(final HookReplica replica) {
    Trees.await(
        "barrier",
        () -> {
          try {
            return replica.step(WAIT_MS, true);
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** Random changes of every type of value, in several databases, transactions and ends of life. */
  private void change(final Random random, final int count) throws IOException {
    for (int i = 0; i < count; i++) {
      from.call("SELECT", Integer.toString(random.nextInt(3)));
      final String n = Integer.toString(random.nextInt(20));
      final String value = "v\r\n\u00ff" + random.nextInt();
      switch (random.nextInt(14)) {
        case 0 -> from.call("SET", "s" + n, value, "PX", "3600000");
        case 1 -> from.call("INCR", "i" + n);
        case 2 -> from.call("LPUSH", "l" + n, value, "b");
        case 3 -> from.call("SADD", "e" + n, value);
        case 4 -> from.call("HSET", "h" + n, "f" + random.nextInt(5), value);
        case 5 -> from.call("ZADD", "z" + n, "1.5", value);
        case 6 -> from.call("XADD", "x" + n, "*", "field", value);
        case 7 -> from.call("DEL", "s" + n, "l" + n);
        case 8 -> from.call("SPOP", "e" + n);
        case 9 -> {
          from.call("MULTI");
          from.call("SET", "m" + n, value);
          from.call("APPEND", "m" + n, "more");
          from.call("EXEC");
        }
        case 10 -> from.call("SET", "gone" + n, value, "PX", "1");
        case 11 ->
            from.call("EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", "lua" + n, value);
        case 12 -> from.call("RENAME", "m" + n, "r" + n);
        default -> from.call("APPEND", "s" + n, value);
      }
    }
    from.call("SELECT", "0");
    // What has ended is not there, wherever nobody asks.
    from.contents();
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void holdsWhatThePrimaryHolds(final Mode mode) throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    change(random, 100);
    to.call("SET", "foreign", "goes");
    try (HookReplica replica = open(mode)) {
      for (int round = 0; round < 4; round++) {
        reach(replica);
        assertThat(to.contents()).as("seed %d, round %d", seed, round).isEqualTo(from.contents());
        change(random, 100);
      }
      assertThat(progress.status().refusals()).isEmpty();
      assertThat(progress.status().version()).isNotEmpty();
    }
    // It goes on where it was.
    try (HookReplica replica = open(mode)) {
      reach(replica);
      assertThat(to.contents()).as("seed %d", seed).isEqualTo(from.contents());
    }
  }

  @Test
  void takesTheWholeWhenThePrimaryDoesNotRememberTheVersion() throws Exception {
    from.call("SET", "a", "1");
    try (HookReplica replica = open(Mode.DIFFERENTIAL)) {
      reach(replica);
    }
    from.restart();
    from.call("SET", "b", "2");
    try (HookReplica replica = open(Mode.DIFFERENTIAL)) {
      reach(replica);
      assertThat(to.contents()).isEqualTo(from.contents()).containsOnlyKeys("0 b");
    }
  }

  /** Hooks, replicators and servers die; what counts is what both hold in the end. */
  @Test
  void survivesTheEndOfEachOfThem() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int round = 0; round < 8; round++) {
      try (HookReplica replica = open(Mode.EVENT)) {
        change(random, 30);
        if (round > 0) {
          replica.step(random.nextInt(300), false);
        } else {
          reach(replica);
        }
        change(random, 30);
        if (round == 3) {
          to.restart();
        } else if (round == 5) {
          from.restart();
        } else {
          final long pid =
              ProcessHandle.current()
                  .descendants()
                  .filter(hook -> hook.info().commandLine().orElse("").contains("hooks/redis"))
                  .findAny()
                  .orElseThrow()
                  .pid();
          ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        }
      }
    }
    change(random, 30);
    try (HookReplica replica = open(Mode.EVENT)) {
      reach(replica);
      assertThat(to.contents()).as("seed %d", seed).isEqualTo(from.contents());
    }
    assertThat(ProcessHandle.current().descendants())
        .noneMatch(hook -> hook.info().commandLine().orElse("").contains("hooks/redis"));
    assertThat(Files.exists(folder.resolve("to/.shadowplane-replication"))).isFalse();
  }
}
