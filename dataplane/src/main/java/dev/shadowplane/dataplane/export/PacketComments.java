package dev.shadowplane.dataplane.export;

import dev.shadowplane.dataplane.journal.JournalReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * What a frame is told: {@code rule web, flow 1f90a7c3}, and where it was changed before it was
 * journaled, {@code rule web (anonymised), flow 1f90a7c3}. Allocates once a rule.
 */
final class PacketComments {
  private static final int HASH_DIGITS = 8;

  /** Rules remembered at a time. */
  private static final int MAX_RULES = 10_000;

  private final Map<String, ByteBuffer> texts = new HashMap<>();
  private final Map<String, ByteBuffer> anonymisedTexts = new HashMap<>();

  /** The comment of the reader's frame, valid until the next call. */
  ByteBuffer of(JournalReader frame) {
    String named = frame.ruleName();
    String rule = named == null ? Integer.toString(frame.ruleId()) : named;
    ByteBuffer text =
        frame.flags() == 0 ? text(texts, rule, "") : text(anonymisedTexts, rule, " (anonymised)");
    int flowHash = frame.flowHash();
    text.clear();
    if (flowHash == 0) {
      return text.limit(text.capacity() - ", flow ".length() - HASH_DIGITS);
    }
    int at = text.capacity() - HASH_DIGITS;
    for (int shift = Integer.SIZE - 4; shift >= 0; shift -= 4) {
      text.put(at++, (byte) HexFormat.of().toHighHexDigit(flowHash >>> shift << 4));
    }
    return text;
  }

  private static ByteBuffer text(Map<String, ByteBuffer> texts, String rule, String state) {
    ByteBuffer known = texts.get(rule);
    if (known != null) {
      return known;
    }
    if (texts.size() >= MAX_RULES) {
      texts.clear();
    }
    String text = "rule " + rule + state + ", flow 00000000";
    ByteBuffer made = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    texts.put(rule, made);
    return made;
  }
}
