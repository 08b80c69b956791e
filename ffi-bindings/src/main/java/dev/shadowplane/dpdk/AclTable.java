package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_acl_config;
import dev.shadowplane.dpdk.abi23.rte_acl_field;
import dev.shadowplane.dpdk.abi23.rte_acl_field_def;
import dev.shadowplane.dpdk.abi23.rte_acl_param;
import dev.shadowplane.dpdk.abi23.rte_acl_rule;
import dev.shadowplane.dpdk.abi23.rte_acl_rule_data;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Rules compiled by librte_acl. Making one takes a fraction of a second for thousands of rules;
 * classifying is for any number of threads at once. EAL runs.
 */
public final class AclTable implements AutoCloseable {
  private static final int CATEGORIES = 1;
  private static final int GROUP_BYTES = 4;
  private static final AtomicInteger SERIAL = new AtomicInteger();

  /** Critical: it never blocks, and a burst takes a microsecond. */
  private static final MethodHandle CLASSIFY =
      Linker.nativeLinker()
          .downcallHandle(
              Dpdk.rte_acl_classify$address(),
              FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT),
              Linker.Option.critical(false));

  private final MemorySegment context;
  private final long address;

  /**
   * Compiles rules.
   *
   * @param rules at least one
   * @throws DpdkException when there is not enough memory for them
   */
  public AclTable(AclRules rules) {
    final String name = "shadowplane" + SERIAL.incrementAndGet();
    final List<Integer> used = used(rules);
    try (Arena arena = Arena.ofConfined()) {
      context = create(arena, name, rules, used);
      address = context.address();
      boolean complete = false;
      try {
        add(arena, name, rules, used);
        build(arena, name, rules, used);
        complete = true;
      } finally {
        if (!complete) {
          Dpdk.rte_acl_free(context);
        }
      }
    }
  }

  /** The fields that matter: what no rule looks at costs no time, by groups of four bytes. */
  private static List<Integer> used(AclRules rules) {
    final List<Integer> used = new ArrayList<>();
    used.add(0);
    int next = 1;
    while (next < rules.fields().size()) {
      final List<Integer> group = new ArrayList<>();
      boolean matters = false;
      for (int bytes = 0; bytes < GROUP_BYTES; next++) {
        bytes += rules.fields().get(next).sizeBytes();
        matters |= rules.uses(next);
        group.add(next);
      }
      if (matters) {
        used.addAll(group);
      }
    }
    return used;
  }

  private static MemorySegment create(
      Arena arena, String name, AclRules rules, List<Integer> used) {
    final MemorySegment param = rte_acl_param.allocate(arena);
    rte_acl_param.name(param, arena.allocateFrom(name));
    rte_acl_param.socket_id(param, -1);
    rte_acl_param.rule_size(param, (int) ruleBytes(used));
    rte_acl_param.max_rule_num(param, rules.size());
    final MemorySegment context = Dpdk.rte_acl_create(param);
    if (context.address() == 0) {
      throw failed("rte_acl_create", name, rules, Eal.errno());
    }
    return context;
  }

  private static long ruleBytes(List<Integer> used) {
    return rte_acl_rule.sizeof() + used.size() * rte_acl_field.sizeof();
  }

  private void add(Arena arena, String name, AclRules rules, List<Integer> used) {
    final long ruleBytes = ruleBytes(used);
    final MemorySegment natives = arena.allocate(ruleBytes * rules.size(), 8);
    for (int i = 0; i < rules.size(); i++) {
      final MemorySegment rule = natives.asSlice(i * ruleBytes, ruleBytes);
      final MemorySegment data = rte_acl_rule.data(rule);
      rte_acl_rule_data.category_mask(data, 1);
      rte_acl_rule_data.priority(data, rules.priority(i));
      rte_acl_rule_data.userdata(data, rules.result(i));
      for (int k = 0; k < used.size(); k++) {
        final int field = used.get(k);
        final long at = rte_acl_rule.sizeof() + k * rte_acl_field.sizeof();
        // The unions hold numbers of the host, whatever their size: little-endian, so all alike.
        rule.set(JAVA_LONG, at + rte_acl_field.value$offset(), rules.value(i, field));
        rule.set(JAVA_LONG, at + rte_acl_field.mask_range$offset(), rules.mask(i, field));
      }
    }
    final int result = Dpdk.rte_acl_add_rules(context, natives, rules.size());
    if (result != 0) {
      throw failed("rte_acl_add_rules", name, rules, -result);
    }
  }

  private void build(Arena arena, String name, AclRules rules, List<Integer> used) {
    final MemorySegment config = rte_acl_config.allocate(arena);
    rte_acl_config.num_categories(config, CATEGORIES);
    rte_acl_config.num_fields(config, used.size());
    // Without a limit, tries are split early: that builds up to thirty times faster than any limit,
    // and classifies as fast.
    rte_acl_config.max_size(config, 0);
    int bytes = 0;
    for (int i = 0; i < used.size(); i++) {
      final AclRules.Field field = rules.fields().get(used.get(i));
      final MemorySegment definition = rte_acl_field_def.asSlice(rte_acl_config.defs(config), i);
      rte_acl_field_def.type(
          definition,
          (byte)
              (field.isRange()
                  ? Dpdk.RTE_ACL_FIELD_TYPE_RANGE()
                  : Dpdk.RTE_ACL_FIELD_TYPE_BITMASK()));
      rte_acl_field_def.size(definition, (byte) field.sizeBytes());
      rte_acl_field_def.field_index(definition, (byte) i);
      rte_acl_field_def.input_index(definition, (byte) (i == 0 ? 0 : 1 + bytes / GROUP_BYTES));
      rte_acl_field_def.offset(definition, field.offset());
      bytes += i == 0 ? 0 : field.sizeBytes();
    }
    final int result = Dpdk.rte_acl_build(context, config);
    if (result != 0) {
      throw failed("rte_acl_build", name, rules, -result);
    }
  }

  private static DpdkException failed(String call, String name, AclRules rules, int errno) {
    return new DpdkException(
        call
            + "(name="
            + name
            + ", rules="
            + rules.size()
            + ", fields="
            + rules.fields().size()
            + ")",
        errno,
        "use fewer rules, or fewer different sets of selectors in them, or give DPDK more memory"
            + " (./hugepages-setup.sh, or eal.memory-mb without hugepages)");
  }

  /**
   * Classifies. Allocates nothing and does not block.
   *
   * @param inputs address of an array of addresses: where the fields of each are
   * @param results address of an array of 32-bit numbers: receives the result of the rule that
   *     decides, or 0, for each
   * @param count how many
   */
  public void classify(long inputs, long results, int count) {
    try {
      final int result = (int) CLASSIFY.invokeExact(address, inputs, results, count, CATEGORIES);
      assert result == 0 : result;
    } catch (Throwable t) {
      throw Libc.unexpected("rte_acl_classify", t);
    }
  }

  /** Frees it. No thread classifies any more. */
  @Override
  public void close() {
    Dpdk.rte_acl_free(context);
  }
}
