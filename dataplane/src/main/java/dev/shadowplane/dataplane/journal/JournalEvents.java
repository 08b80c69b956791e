package dev.shadowplane.dataplane.journal;

import java.util.Map;

/**
 * What a reader meets beside frames, over the whole journal, in its order. Called from within
 * {@link JournalReader#next}.
 */
public interface JournalEvents {
  /**
   * A session begins, or is described again in a new file.
   *
   * @param session that the following frames belong to
   */
  default void session(JournalSession session) {}

  /**
   * The counters of one port since its session began.
   *
   * @param session the session
   * @param timeNs when they were written
   * @param statistics the counters
   */
  default void statistics(JournalSession session, long timeNs, PortStatistics statistics) {}

  /**
   * The rules have these names from here on.
   *
   * @param names by rule id
   */
  default void rules(Map<Integer, String> names) {}

  /**
   * Part of the journal is lost; reading goes on beyond it, also when this throws.
   *
   * @param damage names the file, the place and what is wrong
   * @throws JournalException by default, the damage
   */
  default void damage(JournalException damage) throws JournalException {
    throw damage;
  }
}
