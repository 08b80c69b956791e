package dev.shadowplane.dataplane.pcap;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a capture file holds, as far as it can be read.
 *
 * @param format as {@link CaptureReader#format} names it
 * @param frames how many there are
 * @param capturedBytes of theirs that are in the file
 * @param originalBytes on the wire, as the file claims
 * @param firstNs the earliest time of a frame, in nanoseconds since the epoch; undefined without
 *     frames
 * @param lastNs the latest
 * @param framesByLinkType how many there are of each LINKTYPE number
 * @param interfaces how many are described
 * @param damage where and why reading stopped before the end; null when it did not
 */
public record CaptureSummary(
    String format,
    long frames,
    long capturedBytes,
    long originalBytes,
    long firstNs,
    long lastNs,
    SortedMap<Integer, Long> framesByLinkType,
    long interfaces,
    @Nullable CaptureException damage) {
  /**
   * Reads a file from beginning to end, or to where it is damaged.
   *
   * @param file a capture
   * @return what was found
   * @throws CaptureException when it is no capture at all
   * @throws IOException when it cannot be opened or read
   */
  public static CaptureSummary of(Path file) throws IOException {
    try (CaptureReader reader = CaptureReader.open(file)) {
      long frames = 0;
      long captured = 0;
      long original = 0;
      long firstNs = Long.MAX_VALUE;
      long lastNs = Long.MIN_VALUE;
      final SortedMap<Integer, Long> linkTypes = new TreeMap<>();
      int linkType = 0;
      long ofLinkType = 0;
      CaptureException damage = null;
      try {
        while (reader.next()) {
          frames++;
          captured += reader.capturedLengthBytes();
          original += reader.originalLengthBytes();
          firstNs = Math.min(firstNs, reader.timestampNs());
          lastNs = Math.max(lastNs, reader.timestampNs());
          if (reader.linkType() != linkType) {
            count(linkTypes, linkType, ofLinkType);
            linkType = reader.linkType();
            ofLinkType = 0;
          }
          ofLinkType++;
        }
      } catch (CaptureException e) {
        damage = e;
      }
      count(linkTypes, linkType, ofLinkType);
      return new CaptureSummary(
          reader.format(),
          frames,
          captured,
          original,
          firstNs,
          lastNs,
          linkTypes,
          reader.interfaces(),
          damage);
    }
  }

  private static void count(SortedMap<Integer, Long> linkTypes, int linkType, long frames) {
    if (frames > 0) {
      linkTypes.merge(linkType, frames, Long::sum);
    }
  }
}
