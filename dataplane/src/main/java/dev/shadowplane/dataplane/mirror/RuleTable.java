package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dpdk.NativeMemory.getInt;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Limits;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.AclRules;
import dev.shadowplane.dpdk.AclTable;
import dev.shadowplane.dpdk.DpdkException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A set of rules compiled for the packet path, shared by all workers; {@link BurstClassifier} asks
 * it. Few rules are compared one by one. More are compiled by librte_acl, a table or a few for each
 * kind of packet, as far as they are tuples; the others are compared before the rule that
 * librte_acl found, those of them that go before it.
 */
public final class RuleTable implements AutoCloseable {
  /** What stands for no rule. */
  public static final int NONE = -1;

  /** Up to so many rules are compared one by one: librte_acl is not faster for them. */
  public static final int MAX_LINEAR = 3;

  private static final long ALL_HASHES = 1L << 32;

  private final List<Rule> rules;
  private final long[] thresholds;
  private final boolean takesAll;
  private final boolean needsMacs;
  private final boolean needsInner;
  private final boolean looksAtDscp;
  private final boolean looksAtTcpFlags;
  private final List<CompiledMatch> matches = new ArrayList<>();
  private final AclTable[][] tables = new AclTable[PacketRecord.KIND_IPV6 + 1][0];
  private final boolean linear;
  private final int[] checkedRules;
  private final CompiledMatch[] checked;

  /**
   * Compiles rules, in the way that is fastest for so many.
   *
   * @param rules checked before; in any order
   * @param portIndex the index of a port by its name
   * @throws ConfigException when a filter does not compile: naming rule, field and reason
   * @throws DpdkException when there is not enough memory for them
   */
  public RuleTable(List<Rule> rules, ToIntFunction<String> portIndex) {
    this(rules, portIndex, MAX_LINEAR);
  }

  /**
   * Compiles rules in one of the two ways; for tests and benchmarks.
   *
   * @param rules checked before; in any order
   * @param portIndex the index of a port by its name
   * @param mostLinear up to how many rules are compared one by one
   */
  public RuleTable(List<Rule> rules, ToIntFunction<String> portIndex, int mostLinear) {
    this.rules = rules.stream().sorted(Comparator.comparingInt(Rule::priority).reversed()).toList();
    this.thresholds =
        this.rules.stream()
            .mapToLong(rule -> Math.round(rule.percent() / 100 * ALL_HASHES))
            .toArray();
    this.linear = rules.size() <= mostLinear;
    takesAll = !this.rules.isEmpty() && this.rules.getFirst().match().matchesAll();
    needsInner = rules.stream().anyMatch(rule -> rule.match().needsInner());
    looksAtDscp = rules.stream().anyMatch(rule -> rule.match().dscp() != null);
    looksAtTcpFlags = rules.stream().anyMatch(rule -> rule.match().tcpFlags() != null);
    needsMacs =
        !linear
            && rules.stream()
                .map(Rule::match)
                .anyMatch(match ->
                    match.isTuple()
                        && (match.sourceMac() != null || match.destinationMac() != null));
    boolean complete = false;
    try {
      checkedRules = compile(portIndex);
      checked = matches.toArray(CompiledMatch[]::new);
      if (!linear) {
        for (int kind : new int[] {0, PacketRecord.KIND_IPV4, PacketRecord.KIND_IPV6}) {
          compile(kind, portIndex);
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /** Compiles what is compared one by one; the indexes of those rules in order. */
  private int[] compile(ToIntFunction<String> portIndex) {
    final List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      final Rule rule = rules.get(i);
      if (linear || !rule.match().isTuple()) {
        try {
          matches.add(new CompiledMatch(rule.match(), portIndex));
        } catch (DpdkException e) {
          throw new ConfigException("rule " + rule.name() + ": match.filter: " + e.getMessage());
        }
        indexes.add(i);
      }
    }
    return indexes.stream().mapToInt(Integer::intValue).toArray();
  }

  private void compile(int kind, ToIntFunction<String> portIndex) {
    final TupleRules tuples = new TupleRules(kind, portIndex);
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).match().isTuple()) {
        tuples.add(rules.get(i).match(), rules.size() - i, i + 1);
      }
    }
    for (AclRules group : tuples.groups()) {
      final AclTable[] before = tables[kind];
      tables[kind] = Arrays.copyOf(before, before.length + 1);
      tables[kind][before.length] = new AclTable(group);
    }
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
   * @return true when rule 0 decides about every packet
   */
  public boolean takesAll() {
    return takesAll;
  }

  /**
   * Whether the first rule matches every packet and samples all of them.
   *
   * @return true when neither a classifier nor {@link #samples} needs to be asked
   */
  public boolean takesEverything() {
    return takesAll && thresholds[0] == ALL_HASHES && rules.getFirst().limits().equals(Limits.NONE);
  }

  /** Whether keys bear MAC addresses. */
  boolean needsMacs() {
    return needsMacs;
  }

  /** Whether the packets that packets carry matter. */
  boolean needsInner() {
    return needsInner;
  }

  /** Whether a packet's DSCP matters. */
  boolean looksAtDscp() {
    return looksAtDscp;
  }

  /** Whether its TCP flags do. */
  boolean looksAtTcpFlags() {
    return looksAtTcpFlags;
  }

  /** Whether rules are compared one by one only. */
  boolean isLinear() {
    return linear;
  }

  /** Whether any rule is compared one by one. */
  boolean compares() {
    return checked.length > 0;
  }

  /** The tables for a kind of record; none when no rule can match such. */
  AclTable[] tables(int kind) {
    return tables[kind];
  }

  /**
   * The first of the rules that are compared one by one that matches, if it goes before another.
   *
   * @param packet what it is compared with
   * @param found the rule that goes otherwise, or {@link #NONE}
   * @return the one that decides, or {@link #NONE}
   */
  int compare(PacketView packet, int found) {
    final int[] indexes = checkedRules;
    for (int i = 0; i < indexes.length; i++) {
      if (found != NONE && indexes[i] > found) {
        break;
      }
      if (checked[i].matches(packet)) {
        return indexes[i];
      }
    }
    return found;
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

  /** Frees what is native. No worker classifies by it any more. */
  @Override
  public void close() {
    matches.forEach(CompiledMatch::close);
    matches.clear();
    for (int kind = 0; kind < tables.length; kind++) {
      for (AclTable table : tables[kind]) {
        if (table != null) {
          table.close();
        }
      }
      tables[kind] = new AclTable[0];
    }
  }
}
