package dev.shadowplane.dataplane.export;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.agrona.collections.Int2ObjectHashMap;

/** What a frame is told: {@code rule web, flow 1f90a7c3}. Allocates once a rule. */
final class PacketComments {
  private static final int HASH_DIGITS = 8;

  /** Rules remembered at a time. */
  private static final int MAX_RULES = 10_000;

  private final RuleNames rules;
  private final Int2ObjectHashMap<ByteBuffer> texts = new Int2ObjectHashMap<>();

  PacketComments(RuleNames rules) {
    this.rules = rules;
  }

  /** Names may have changed. */
  void forget() {
    texts.clear();
  }

  /**
   * The comment of a frame, valid until the next call.
   *
   * @param flowHash 0 for none
   */
  ByteBuffer of(int ruleId, int flowHash) {
    ByteBuffer text = texts.get(ruleId);
    if (text == null) {
      text = remember(ruleId);
    }
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

  private ByteBuffer remember(int ruleId) {
    if (texts.size() >= MAX_RULES) {
      texts.clear();
    }
    String name = rules.name(ruleId);
    String text = "rule " + (name == null ? ruleId : name) + ", flow 00000000";
    ByteBuffer made = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    texts.put(ruleId, made);
    return made;
  }
}
