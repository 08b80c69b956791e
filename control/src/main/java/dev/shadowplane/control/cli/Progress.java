package dev.shadowplane.control.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * How far long work has come, with rate and time left: one line of standard error that is written
 * over and over where that is a terminal, and nothing elsewhere. For one thread.
 */
final class Progress implements AutoCloseable {
  private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final double SECOND_NS = 1e9;
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

  private final PrintWriter err;
  private final boolean shown;
  private final long beganNs = System.nanoTime();
  private long shownNs = beganNs;
  private boolean written;

  /** Shows where standard error is a terminal. */
  Progress(final PrintWriter err) {
    this(err, isTerminal());
  }

  Progress(final PrintWriter err, final boolean shown) {
    this.err = err;
    this.shown = shown;
  }

  private static boolean isTerminal() {
    try {
      final String file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Shows where the work is, not more often than the eye can follow.
   *
   * @param frames done.
   * @param bytes done.
   * @param part how much of the whole that is, 0 to 1; anything else if it is not known.
   */
  void show(final long frames, final long bytes, final double part) {
    final long nowNs = System.nanoTime();
    if (shown && nowNs - shownNs >= INTERVAL_NS) {
      shownNs = nowNs;
      written = true;
      err.print("\r\u001b[K" + line(frames, bytes, part, (nowNs - beganNs) / SECOND_NS));
      err.flush();
    }
  }

  static String line(final long frames, final long bytes, final double part, final double seconds) {
    final StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%,d frames, %s", frames, size((double) bytes)));
    if (seconds > 0) {
      line.append(", ").append(size(bytes / seconds)).append("/s");
    }
    if (part > 0 && part <= 1) {
      final long left = (long) Math.ceil(seconds * (1 - part) / part);
      line.append(
          String.format(Locale.ROOT, ", %.0f %%, %d:%02d left", part * 100, left / 60, left % 60));
    }
    return line.toString();
  }

  private static String size(final double bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1_000 && unit < UNITS.length - 1) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, UNITS[unit]);
  }

  /** Clears the line. */
  void clear() {
    if (written) {
      written = false;
      err.print("\r\u001b[K");
      err.flush();
    }
  }

  @Override
  public void close() {
    clear();
  }
}
