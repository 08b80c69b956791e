package dev.shadowplane.control.replication;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Carries records from the hook of the source to that of the target, and answers back. One thread
 * carries, another listens; both end with the processes, which the owner ends.
 */
final class HookPipe {
  private static final int MOST_UNANSWERED = 10_000;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int MAX_ANSWER = 600;
  private static final String FAILED = "failed ";
  private static final Pattern APPLIED = Pattern.compile("applied ([0-9]{1,6})");

  private final HookProcess source;
  private final HookProcess target;
  private final BufferedReader answers;
  private final Progress progress;
  private final BlockingQueue<HookRecord> unanswered = new ArrayBlockingQueue<>(MOST_UNANSWERED);
  private final Thread carrier;
  private final Thread listener;
  private final AtomicLong heard;
  private volatile String problem = "";
  private volatile String barrier = "";

  /**
   * Begins to carry.
   *
   * @param answers what the target says, its first line read.
   */
  HookPipe(
      final HookProcess source,
      final HookProcess target,
      final BufferedReader answers,
      final Progress progress) {
    this.source = source;
    this.target = target;
    this.answers = answers;
    this.progress = progress;
    this.heard = new AtomicLong(progress.now());
    carrier = Thread.ofPlatform().daemon().name("hook-carrier").start(this::carry);
    listener = Thread.ofPlatform().daemon().name("hook-listener").start(this::listen);
  }

  /** The answers of a target, to be read line by line. */
  static BufferedReader answers(final HookProcess target) {
    return new BufferedReader(
        new InputStreamReader(target.output(), StandardCharsets.UTF_8), BUFFER_BYTES);
  }

  /** Reads one answer; null at the end. */
  static @Nullable String answer(final BufferedReader answers) throws IOException {
    final StringBuilder line = new StringBuilder();
    int c = answers.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = answers.read()) {
      if (line.length() == MAX_ANSWER) {
        throw new IOException("apply answered with a line that is too long: '" + line + "'");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  /** Asks a source that follows for a barrier. */
  void ask(final String name) throws IOException {
    source.input().write(("barrier " + name + "\n").getBytes(StandardCharsets.US_ASCII));
    source.input().flush();
  }

  /** The last barrier that the target has reached; empty if none. */
  String barrier() {
    return barrier;
  }

  /** Records that the target has not answered. */
  int unanswered() {
    return unanswered.size();
  }

  /** Whether there is nothing more to carry and to hear. */
  boolean isOver() {
    return !carrier.isAlive() && !listener.isAlive();
  }

  /** Whether the source has more to say. */
  boolean isCarrying() {
    return carrier.isAlive();
  }

  /** When anything was last carried or heard. */
  long heardNs() {
    return heard.get();
  }

  /** What went wrong; empty if nothing did. */
  String problem() {
    return problem;
  }

  private void carry() {
    try (InputStream in = new BufferedInputStream(source.output(), BUFFER_BYTES);
        OutputStream out = target.input()) {
      final byte[] buffer = new byte[BUFFER_BYTES];
      HookRecord record = HookRecord.read(in, source.name());
      while (record != null) {
        unanswered.put(record);
        out.write(record.head());
        long left = record.length();
        while (left > 0) {
          final int read = in.read(buffer, 0, (int) Math.min(left, BUFFER_BYTES));
          if (read < 0) {
            throw new IOException(source.name() + " ended in the middle of a record");
          }
          out.write(buffer, 0, read);
          left -= read;
          heard.set(progress.now());
        }
        if (in.available() == 0) {
          out.flush();
        }
        heard.set(progress.now());
        record = HookRecord.read(in, source.name());
      }
    } catch (IOException e) {
      problem(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    try {
      String answer = answer(answers);
      while (answer != null) {
        heard.set(progress.now());
        if (answer.startsWith(FAILED)) {
          progress.refused("a change", answer.substring(FAILED.length()));
        } else {
          applied(answer);
        }
        answer = answer(answers);
      }
    } catch (IOException e) {
      problem(e);
    }
  }

  /** So many more records are visible. */
  private void applied(final String answer) throws IOException {
    final Matcher count = APPLIED.matcher(answer);
    if (!count.matches()) {
      throw new IOException("apply answered what is no answer: '" + answer + "'");
    }
    for (int left = Integer.parseInt(count.group(1)); left > 0; left--) {
      final HookRecord record = unanswered.poll();
      if (record == null) {
        throw new IOException("apply answered for records that it was not given");
      }
      switch (record.kind()) {
        case CHANGE -> {
          progress.applied(record.timeNs(), record.length());
          progress.version(record.version());
        }
        case PART -> progress.applied(0, record.length());
        case BARRIER -> barrier = record.version();
        case END -> progress.version(record.version());
        case MARK -> {
          if (!record.version().equals(HookRecord.NO_VERSION)) {
            progress.version(record.version());
          }
        }
        case BEGIN -> progress.version("");
      }
    }
    final HookRecord next = unanswered.peek();
    progress.behind(unanswered.size(), next == null ? 0 : next.timeNs());
  }

  private void problem(final IOException thrown) {
    if (problem.isEmpty()) {
      problem = String.valueOf(thrown.getMessage());
    }
  }

  /** Kills both hooks. */
  void end() throws InterruptedException {
    source.close();
    target.close();
    carrier.interrupt();
    carrier.join();
    listener.join();
  }
}
