package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.MatchWriter;
import dev.shadowplane.dataplane.pcap.Direction;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a pcapng file says about itself: which frames it was asked to hold, and their state. */
final class SectionComment {
  private static final int MAX_CHARACTERS = 16_000;
  private static final long SECOND_NS = 1_000_000_000L;

  private SectionComment() {}

  /** Lines of text, cut where selectors are very long. */
  static String of(ExportOptions options) {
    FrameSelection frames = options.frames();
    StringBuilder text = new StringBuilder("Shadowplane journal export\ntime: ");
    text.append(frames.fromNs() == 0 ? "from the beginning" : "from " + time(frames.fromNs()));
    text.append(frames.toNs() == Long.MAX_VALUE ? " to the end" : " to " + time(frames.toNs()));
    text.append("\nselector: ");
    if (frames.matches().isEmpty()) {
      text.append("every frame");
    } else if (options.anonymisation().isPresent()) {
      text.append("not told, as it may name what the frames hide");
    } else {
      text.append(
          frames.matches().stream().map(MatchWriter::write).collect(Collectors.joining(" and ")));
    }
    names(text, "rules", frames.rules());
    names(text, "ports", frames.ports());
    if (frames.direction() != Direction.UNKNOWN) {
      text.append("\ndirection: ")
          .append(frames.direction() == Direction.INBOUND ? "inbound" : "outbound");
    }
    if (frames.limit() != Long.MAX_VALUE) {
      text.append("\nlimit: ").append(frames.limit()).append(" frames");
    }
    if (text.length() > MAX_CHARACTERS) {
      text.setLength(MAX_CHARACTERS);
      text.append("...");
    }
    return text.append("\nanonymisation: ")
        .append(options.anonymisation().map(Anonymisation::summary).orElse("none"))
        .toString();
  }

  private static void names(StringBuilder text, String what, Set<String> names) {
    if (!names.isEmpty()) {
      text.append('\n').append(what).append(": ").append(String.join(", ", new TreeSet<>(names)));
    }
  }

  private static Instant time(long ns) {
    return Instant.ofEpochSecond(ns / SECOND_NS, ns % SECOND_NS);
  }
}
