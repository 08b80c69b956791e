package dev.shadowplane.control.cli;

import dev.shadowplane.dataplane.replay.FrameSource;
import dev.shadowplane.dataplane.replay.ReplayRequest;
import dev.shadowplane.dataplane.replay.ReplayStatus;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One line of progress, written over and over on a terminal; nothing elsewhere. */
final class ReplayProgress {
  private static final long EVERY_NS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final double SECOND_NS = 1e9;

  private final ReplayRequest request;
  private final PrintWriter out;
  private final boolean terminal;
  private final long beganNs = System.nanoTime();
  private long lastNs;
  private long lastSent;
  private boolean shown;

  ReplayProgress(final ReplayRequest request, final PrintWriter out, final boolean terminal) {
    this.request = request;
    this.out = out;
    this.terminal = terminal;
    this.lastNs = beganNs;
  }

  void show(final ReplayStatus status, final long nowNs) {
    if (!terminal || nowNs - lastNs < EVERY_NS) {
      return;
    }
    final long sent = status.count("sent");
    out.print(line(status, nowNs, (sent - lastSent) * SECOND_NS / (nowNs - lastNs)));
    out.flush();
    lastNs = nowNs;
    lastSent = sent;
    shown = true;
  }

  private String line(final ReplayStatus status, final long nowNs, final double rate) {
    final StringBuilder line = new StringBuilder("\r\u001b[K");
    line.append(
        String.format(
            Locale.ROOT,
            "%s: %,d frames, %,.0f/s",
            status.state().label(),
            status.count("sent"),
            rate));
    final double done = done(status);
    if (done > 0) {
      final double leftNs = (nowNs - beganNs) * (1 - done) / done;
      line.append(
          String.format(
              Locale.ROOT, ", %.0f %%, %,.0f s left", 100 * done, Math.ceil(leftNs / SECOND_NS)));
    }
    return line.toString();
  }

  /** The part of all loops that has been sent, or 0 when that cannot be told. */
  private double done(final ReplayStatus status) {
    if (request.loops() == ReplayRequest.FOR_EVER || request.follow()) {
      return 0;
    }
    final double ofLoop;
    if (status.sizeBytes() != FrameSource.UNKNOWN && status.sizeBytes() > 0) {
      final double read = (double) status.readBytes() / status.sizeBytes();
      final long loaded = status.count("loaded");
      // What has been read ahead is not sent yet.
      ofLoop = loaded == 0 ? 0 : read * status.count("sent") / loaded;
    } else if (request.toNs() != Long.MAX_VALUE && status.firstNs() > 0) {
      ofLoop = (double) status.count("position-ns") / (request.toNs() - status.firstNs());
    } else {
      return 0;
    }
    return Math.min(1, (status.count("loops") + ofLoop) / request.loops());
  }

  /** Ends the line. */
  void end() {
    if (shown) {
      out.println();
      out.flush();
    }
  }
}
