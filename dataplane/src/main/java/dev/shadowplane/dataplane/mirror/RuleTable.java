package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dpdk.NativeMemory.getInt;

import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.packet.PacketRecord;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/** A set of rules compiled for the packet path. Immutable; shared by all workers. */
public final class RuleTable {
  /** What {@link #classify} returns when no rule matches. */
  public static final int NONE = -1;

  private static final long ALL_HASHES = 1L << 32;

  private final List<Rule> rules;
  private final CompiledMatch[] matches;
  private final long[] thresholds;
  private final boolean takesAll;

  /**
   * Compiles rules.
   *
   * @param rules checked before; in any order
   * @param portIndex the index of a port by its name
   */
  public RuleTable(List<Rule> rules, ToIntFunction<String> portIndex) {
    this.rules = rules.stream().sorted(Comparator.comparingInt(Rule::priority).reversed()).toList();
    this.matches = new CompiledMatch[this.rules.size()];
    this.thresholds = new long[this.rules.size()];
    for (int i = 0; i < matches.length; i++) {
      matches[i] = new CompiledMatch(this.rules.get(i).match(), portIndex);
      thresholds[i] = Math.round(this.rules.get(i).percent() / 100 * ALL_HASHES);
    }
    takesAll = matches.length > 0 && matches[0].matchesAll();
  }

  /**
   * The rules.
   *
   * @return in the order of their indexes: by priority, then as given
   */
  public List<Rule> rules() {
    return rules;
  }

  /**
   * Whether the first rule matches every packet, so that no comparison is needed.
   *
   * @return true when {@link #classify} always returns 0
   */
  public boolean takesAll() {
    return takesAll;
  }

  /**
   * Whether the first rule matches every packet and samples all of them.
   *
   * @return true when neither {@link #classify} nor {@link #samples} needs to be asked
   */
  public boolean takesEverything() {
    return takesAll && thresholds[0] == ALL_HASHES && rules.getFirst().limits().equals(Limits.NONE);
  }

  /**
   * The rule that decides about a packet.
   *
   * @param record its record
   * @param frame its first byte
   * @param available bytes that can be read there
   * @return the rule's index, or {@link #NONE}
   */
  public int classify(long record, long frame, int available) {
    for (int i = 0; i < matches.length; i++) {
      if (matches[i].matches(record, frame, available)) {
        return i;
      }
    }
    return NONE;
  }

  /**
   * Whether a rule takes a packet that it matched, by the flow's hash.
   *
   * @param rule its index
   * @param record the packet's record
   * @return always the same for both directions of a flow
   */
  public boolean samples(int rule, long record) {
    return Integer.toUnsignedLong(getInt(record + PacketRecord.FLOW_HASH)) < thresholds[rule];
  }
}
