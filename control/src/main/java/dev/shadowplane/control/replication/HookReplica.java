package dev.shadowplane.control.replication;

import dev.shadowplane.control.template.ShadowSpec.Replication.Mode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Brings over the state of a service that has hooks: {@code snapshot} and {@code changes-since}
 * write it at the source, {@code apply} takes it in at the target and keeps there, together with
 * the state itself, which version it is. So a crash of any of them at any moment loses nothing:
 * what the target holds decides where to go on.
 *
 * <p>A hook that is silent for too long is killed, with all that it started.
 */
final class HookReplica implements Replica {
  /** How long a hook may say nothing. */
  static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(30);

  /** What {@code changes-since} ends with when it does not know what came after the version. */
  static final int UNKNOWN_VERSION = 3;

  private static final String HOLDS = "holds ";
  private static final String NOTHING = "-";
  private static final int LOOK_MS = 5;
  private static final int LAST_WORDS_MS = 500;
  private static final long BARRIER_EVERY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long IN_STEP_NS = 2 * BARRIER_EVERY_NS;

  private final ReplicationConfig config;
  private final Path hooks;
  private final Progress progress;
  private final long silenceNs;
  private final Map<String, String> environment = new HashMap<>();
  private @Nullable HookPipe pipe;
  private @Nullable HookProcess source;
  private @Nullable HookProcess target;
  private boolean complete;
  private long nextRun;
  private long barriers;
  private String asked = "";
  private long askedNs;
  private long reachedNs;

  HookReplica(final ReplicationConfig config, final Progress progress, final long silenceNs) {
    this.config = config;
    this.hooks = Objects.requireNonNull(config.hooks());
    this.progress = progress;
    this.silenceNs = silenceNs;
    environment.put("SHADOWPLANE_SERVICE", config.service());
    environment.put("SHADOWPLANE_FROM", config.from() == null ? "" : config.from().toString());
    environment.put("SHADOWPLANE_TO", config.to() == null ? "" : config.to().toString());
    this.nextRun = progress.now();
  }

  @Override
  public boolean step(final int waitMs, final boolean barrier)
      throws IOException, InterruptedException {
    try {
      return config.mode() == Mode.EVENT ? follow(waitMs, barrier) : repeat(waitMs, barrier);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Runs hooks that end, at intervals. */
  private boolean repeat(final int waitMs, final boolean barrier)
      throws IOException, InterruptedException {
    final long now = progress.now();
    if (!barrier && now < nextRun) {
      Thread.sleep(Math.min(waitMs, 1 + TimeUnit.NANOSECONDS.toMillis(nextRun - now)));
      return false;
    }
    nextRun = now + TimeUnit.MILLISECONDS.toNanos(config.intervalMs());
    complete |= config.mode() == Mode.FULL;
    start(false);
    while (!hasEnded()) {
      Thread.sleep(LOOK_MS);
    }
    if (complete) { // The version was not known to the source: now there is a whole state.
      nextRun = config.mode() == Mode.FULL ? nextRun : now;
      return false;
    }
    progress.caughtUp(now);
    return true;
  }

  /** Keeps hooks running that follow, and has them reach a barrier every second. */
  private boolean follow(final int waitMs, final boolean barrier)
      throws IOException, InterruptedException {
    if (pipe == null) {
      start(true);
    }
    final HookPipe running = Objects.requireNonNull(pipe);
    final long asOf = progress.now();
    final long until = asOf + TimeUnit.MILLISECONDS.toNanos(waitMs);
    do {
      if (hasEnded()) {
        if (complete) {
          return false;
        }
        throw new IOException(Objects.requireNonNull(source).name() + " ended: it is to follow");
      }
      if (!asked.isEmpty() && asked.equals(running.barrier())) {
        asked = "";
        reachedNs = askedNs;
      }
      final long now = progress.now();
      if (running.unanswered() == 0 && now - reachedNs < IN_STEP_NS) {
        progress.caughtUp(reachedNs);
      }
      if (barrier && reachedNs >= asOf) {
        return true;
      }
      if (asked.isEmpty() && (barrier || now - askedNs >= BARRIER_EVERY_NS)) {
        asked = "b" + barriers++;
        askedNs = now;
        running.ask(asked);
      }
      Thread.sleep(barrier ? 1 : LOOK_MS);
    } while (progress.now() < until);
    return false;
  }

  /** Starts the hooks where the target is. */
  private void start(final boolean following) throws IOException, InterruptedException {
    progress.resync(false);
    final HookProcess apply = new HookProcess(hooks.resolve("apply"), List.of(), environment);
    target = apply;
    final BufferedReader answers = HookPipe.answers(apply);
    final String held = held(apply, answers);
    final boolean whole = complete || held.equals(NOTHING);
    complete = false;
    progress.version(whole ? "" : held);
    final String follow = following ? "--follow" : "";
    final List<String> arguments =
        (whole ? List.of(follow) : List.of(held, follow))
            .stream().filter(argument -> !argument.isEmpty()).toList();
    final HookProcess from =
        new HookProcess(
            hooks.resolve(whole ? "snapshot" : "changes-since"), arguments, environment);
    source = from;
    asked = "";
    askedNs = 0;
    reachedNs = 0;
    pipe = new HookPipe(from, apply, answers, progress);
  }

  /** The version that the target says it holds, first of all. */
  private String held(final HookProcess apply, final BufferedReader answers)
      throws IOException, InterruptedException {
    final FutureTask<@Nullable String> first = new FutureTask<>(() -> HookPipe.answer(answers));
    Thread.ofPlatform().daemon().name("hook-first-answer").start(first);
    final String answer;
    try {
      answer = first.get(silenceNs, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw silent("apply", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
    if (answer == null) {
      throw new IOException(apply.outcome());
    }
    if (!answer.startsWith(HOLDS) || answer.length() == HOLDS.length()) {
      throw new IOException("apply began with '" + answer + "' instead of 'holds VERSION'");
    }
    return answer.substring(HOLDS.length());
  }

  /**
   * Whether both hooks have done what they had to. Sets {@link #complete} if the source does not
   * know the target's version.
   */
  private boolean hasEnded() throws IOException, InterruptedException {
    final HookPipe running = Objects.requireNonNull(pipe);
    final HookProcess from = Objects.requireNonNull(source);
    final HookProcess apply = Objects.requireNonNull(target);
    if (!running.problem().isEmpty() || (!apply.isRunning() && running.isCarrying())) {
      final String why = running.problem();
      throw new IOException(
          apply.ends(LAST_WORDS_MS) && apply.exitStatus() != 0
              ? apply.outcome()
              : why.isEmpty() ? "apply ended too early" : why);
    }
    if (!running.isOver() || from.isRunning() || apply.isRunning()) {
      if (progress.now() - running.heardNs() > silenceNs) {
        throw silent(running.unanswered() > 0 ? "apply" : from.name(), null);
      }
      return false;
    }
    final int status = from.exitStatus();
    if (status != 0 && status != UNKNOWN_VERSION) {
      throw new IOException(from.outcome());
    }
    if (apply.exitStatus() != 0) {
      throw new IOException(apply.outcome());
    }
    if (running.unanswered() > 0) {
      throw new IOException("apply ended without an answer for what it was given");
    }
    complete = status == UNKNOWN_VERSION;
    close();
    return true;
  }

  private IOException silent(final String name, final @Nullable Exception cause) {
    return new IOException(
        name
            + " said nothing for "
            + TimeUnit.NANOSECONDS.toSeconds(silenceNs)
            + " s and was killed: a hook that follows writes a mark every few seconds",
        cause);
  }

  @Override
  public void close() throws IOException {
    try {
      final HookPipe running = pipe;
      final HookProcess apply = target;
      pipe = null;
      target = null;
      if (running != null) {
        running.end();
      } else if (apply != null) {
        apply.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
