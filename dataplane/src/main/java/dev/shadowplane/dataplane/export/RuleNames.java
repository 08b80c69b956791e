package dev.shadowplane.dataplane.export;

import java.util.Map;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/** The names of the journal's rules so far, by the numbers in its frames. */
final class RuleNames {
  /** More than rule sets hold in years; a journal that names more forgets the oldest. */
  private static final int MAX_NAMES = 100_000;

  private final Int2ObjectHashMap<String> names = new Int2ObjectHashMap<>();

  /** These are in force from here on; frames of those before may still come. */
  void add(Map<Integer, String> more) {
    if (names.size() + more.size() > MAX_NAMES) {
      names.clear();
    }
    more.forEach((id, name) -> names.put(id.intValue(), name));
  }

  @Nullable String name(int ruleId) {
    return names.get(ruleId);
  }
}
