package dev.shadowplane.control.api;

import dev.shadowplane.control.v1.JournalWindow;
import dev.shadowplane.control.v1.ListReplaysResponse;
import dev.shadowplane.control.v1.ReplayStatus;
import dev.shadowplane.control.v1.SeekReplayRequest;
import dev.shadowplane.control.v1.StartReplayRequest;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replays as the objects that the data plane's commands carry. */
public final class ReplayObject {
  private ReplayObject() {}

  /**
   * Reads what options or a person said.
   *
   * @param object with the keys of the data plane's command.
   * @return the request.
   * @throws IllegalArgumentException if a value has another type; the message names it.
   */
  public static StartReplayRequest read(final Map<String, Object> object) {
    final Fields fields = new Fields("the replay", object);
    final StartReplayRequest.Builder request =
        StartReplayRequest.newBuilder()
            .setName(fields.text("name"))
            .setTarget(fields.text("target"))
            .setRewrite(fields.text("rewrite"));
    if (fields.has("file")) {
      request.setFile(fields.text("file"));
    } else {
      request.setJournal(
          JournalWindow.newBuilder()
              .setFromNs(fields.whole("from"))
              .setToNs(fields.whole("to"))
              .setFollow(fields.flag("follow")));
    }
    if (fields.has("speed")) {
      request.setSpeed(Double.parseDouble(fields.text("speed")));
    } else if (fields.has("packets-per-second")) {
      request.setPacketsPerSecond(fields.whole("packets-per-second"));
    } else if (fields.has("bits-per-second")) {
      request.setBitsPerSecond(fields.whole("bits-per-second"));
    } else if (fields.flag("top-speed")) {
      request.setTopSpeed(true);
    }
    if (fields.has("loops")) {
      request.setLoops(fields.integer("loops"));
    }
    if (fields.has("match")) {
      request.setMatch(MatchObject.read("the match of the replay", fields.value("match")));
    }
    if (fields.has("window-frames")) {
      request.setWindowFrames(fields.integer("window-frames"));
    }
    if (fields.has("window-ms")) {
      request.setWindowMs(fields.integer("window-ms"));
    }
    if (fields.has("late-limit-ms")) {
      request.setLateLimitMs(fields.integer("late-limit-ms"));
    }
    if (fields.has("max-gap-ms")) {
      request.setMaxGapMs(fields.integer("max-gap-ms"));
    }
    return request.build();
  }

  static Map<String, Object> write(final StartReplayRequest request) {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", request.getName());
    object.put("target", request.getTarget());
    switch (request.getSourceCase()) {
      case FILE -> object.put("file", request.getFile());
      case JOURNAL -> journal(request.getJournal(), object);
      case SOURCE_NOT_SET ->
          throw new IllegalArgumentException("source is not set: give file or journal");
    }
    switch (request.getTimingCase()) {
      case SPEED -> object.put("speed", speed(request.getSpeed()));
      case PACKETS_PER_SECOND -> object.put("packets-per-second", request.getPacketsPerSecond());
      case BITS_PER_SECOND -> object.put("bits-per-second", request.getBitsPerSecond());
      case TOP_SPEED -> object.put("top-speed", request.getTopSpeed());
      case TIMING_NOT_SET -> {}
    }
    put(object, "loops", request.hasLoops() ? request.getLoops() : null);
    if (request.hasMatch()) {
      object.put("match", MatchObject.write(request.getMatch()));
    }
    put(object, "rewrite", request.getRewrite().isEmpty() ? null : request.getRewrite());
    put(object, "window-frames", request.hasWindowFrames() ? request.getWindowFrames() : null);
    put(object, "window-ms", request.hasWindowMs() ? request.getWindowMs() : null);
    put(object, "late-limit-ms", request.hasLateLimitMs() ? request.getLateLimitMs() : null);
    put(object, "max-gap-ms", request.hasMaxGapMs() ? request.getMaxGapMs() : null);
    return object;
  }

  private static void journal(final JournalWindow window, final Map<String, Object> object) {
    object.put("journal", true);
    put(object, "from", window.getFromNs() == 0 ? null : window.getFromNs());
    put(object, "to", window.getToNs() == 0 ? null : window.getToNs());
    object.put("follow", window.getFollow());
  }

  private static String speed(final double speed) {
    if (!Double.isFinite(speed)) {
      throw new IllegalArgumentException("speed is " + speed + ": write a number from 0.01 to 100");
    }
    return BigDecimal.valueOf(speed).toPlainString();
  }

  private static void put(
      final Map<String, Object> object, final String key, final @Nullable Object value) {
    if (value != null) {
      object.put(key, value);
    }
  }

  static Map<String, Object> write(final SeekReplayRequest request) {
    final Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", request.getName());
    switch (request.getPlaceCase()) {
      case TIME_NS -> object.put("to", request.getTimeNs());
      case OFFSET_NS -> object.put("offset", request.getOffsetNs());
      case PLACE_NOT_SET ->
          throw new IllegalArgumentException("place is not set: give time_ns or offset_ns");
    }
    return object;
  }

  /** The data plane's answer to every command about replays. */
  static ListReplaysResponse list(final Map<String, Object> reply) {
    final ListReplaysResponse.Builder list = ListReplaysResponse.newBuilder();
    for (final Object element : new Fields("the list of replays", reply).list("replays")) {
      final Fields fields = new Fields("a replay", element);
      final ReplayStatus.Builder status =
          ReplayStatus.newBuilder()
              .setName(fields.text("name"))
              .setState(fields.text("state"))
              .setSource(fields.text("source"))
              .setTarget(fields.text("target"))
              .setTiming(fields.text("timing"))
              .setLoops(fields.integer("loops"))
              .setFirstNs(fields.whole("first-ns"))
              .setReadBytes(fields.whole("read-bytes"))
              .setSizeBytes(fields.whole("size-bytes"))
              .setLinkUp(fields.flag("link-up"))
              .setProblem(fields.text("problem"));
      if (fields.value("counters") instanceof Map<?, ?> counters) {
        counters.forEach((label, value) -> {
          if (value instanceof Number number) {
            status.putCounters(String.valueOf(label), number.longValue());
          }
        });
      }
      list.addReplays(status);
    }
    return list.build();
  }
}
