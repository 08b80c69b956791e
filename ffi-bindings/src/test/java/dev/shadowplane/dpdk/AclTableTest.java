package dev.shadowplane.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** librte_acl against the plainest comparison there is. */
class AclTableTest {
  private static final int INPUT_BYTES = 16;
  private static final List<AclRules.Field> FIELDS =
      List.of(
          new AclRules.Field(1, 1, false),
          new AclRules.Field(0, 4, false),
          new AclRules.Field(4, 2, true),
          new AclRules.Field(6, 2, true),
          new AclRules.Field(8, 4, false),
          new AclRules.Field(12, 4, false));

  @BeforeAll
  static void start() {
    DpdkTest.startEal();
  }

  @Test
  void decidesAsComparingRuleByRuleDoes() {
    final long seed = System.nanoTime();
    System.out.println("AclTableTest seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 30; round++) {
      final AclRules rules = new AclRules(FIELDS);
      final int size = random.nextInt(1, 300);
      for (int i = 0; i < size; i++) {
        rules.add(1 + size - i, i + 1, conditions(random));
      }
      final int count = random.nextInt(1, 65);
      final long inputs = NativeMemory.allocate((long) count * (Long.BYTES + INPUT_BYTES + 4), 8);
      final long data = inputs + (long) count * Long.BYTES;
      final long results = data + (long) count * INPUT_BYTES;
      for (int i = 0; i < count; i++) {
        NativeMemory.putLong(inputs + (long) i * Long.BYTES, data + (long) i * INPUT_BYTES);
        for (int k = 0; k < INPUT_BYTES; k++) {
          NativeMemory.putByte(data + (long) i * INPUT_BYTES + k, random.nextInt(4));
        }
      }
      try (AclTable table = new AclTable(rules)) {
        table.classify(inputs, results, count);
      }
      for (int i = 0; i < count; i++) {
        assertThat(NativeMemory.getInt(results + i * 4L))
            .as("seed %d round %d input %d of %d rules", seed, round, i, size)
            .isEqualTo(expected(rules, data + (long) i * INPUT_BYTES));
      }
    }
  }

  /** What no rule looks at is left out, wherever it lies among the fields. */
  @Test
  void fieldsThatNoRuleUsesAreLeftOut() {
    final AclRules rules = new AclRules(FIELDS);
    rules.add(2, 5, new long[] {0, 0, 0, 0, 0, 0xffff, 0, 0xffff, 0, 0, 7, 0xff});
    rules.add(1, 6, new long[] {0, 0, 2, 0xff, 0, 0xffff, 0, 0xffff, 0, 0, 0, 0});
    final long input = NativeMemory.allocate(INPUT_BYTES + 16, 8);
    NativeMemory.putLong(input + INPUT_BYTES, input);
    try (AclTable table = new AclTable(rules)) {
      for (int expected : new int[] {0, 6, 5}) {
        NativeMemory.putByte(input + 3, expected == 6 ? 2 : 0);
        NativeMemory.putByte(input + 15, expected == 5 ? 7 : 0);
        table.classify(input + INPUT_BYTES, input + INPUT_BYTES + 8, 1);
        assertThat(NativeMemory.getInt(input + INPUT_BYTES + 8)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aRuleThatSaysNothingMatchesEverything() {
    final AclRules rules = new AclRules(FIELDS);
    rules.add(1, 7, new long[] {0, 0, 0, 0, 0, 0xffff, 0, 0xffff, 0, 0, 0, 0});
    final long input = NativeMemory.allocate(INPUT_BYTES + 16, 8);
    NativeMemory.putLong(input + INPUT_BYTES, input);
    try (AclTable table = new AclTable(rules)) {
      table.classify(input + INPUT_BYTES, input + INPUT_BYTES + 8, 1);
    }
    assertThat(NativeMemory.getInt(input + INPUT_BYTES + 8)).isEqualTo(7);
  }

  @Test
  void refusesWithCallReasonAndRemedy() {
    final AclRules rules = new AclRules(FIELDS);
    rules.add(0, 7, new long[12]);
    assertThatThrownBy(() -> new AclTable(rules))
        .isInstanceOf(DpdkException.class)
        .hasMessageContaining("rte_acl_add_rules(name=shadowplane")
        .hasMessageContaining("rules=1, fields=6) failed: Invalid argument (22): ");
  }

  private static long[] conditions(SplittableRandom random) {
    final long[] conditions = new long[2 * FIELDS.size()];
    for (int i = 0; i < FIELDS.size(); i++) {
      final AclRules.Field field = FIELDS.get(i);
      if (field.isRange()) {
        final long low = random.nextInt(3) == 0 ? 0 : random.nextInt(0x400);
        conditions[2 * i] = low;
        conditions[2 * i + 1] = low == 0 ? 0xffff : low + random.nextInt(0x100);
      } else {
        // Whole bytes: arbitrary bits of many fields make tries that no memory holds.
        final long mask =
            random.nextInt(3) > 0 ? 0 : 0xffL << (8 * random.nextInt(field.sizeBytes()));
        conditions[2 * i] = 0x0302_0103L & mask;
        conditions[2 * i + 1] = mask;
      }
    }
    return conditions;
  }

  private static int expected(AclRules rules, long data) {
    for (int rule = 0; rule < rules.size(); rule++) {
      boolean matches = true;
      for (int i = 0; i < FIELDS.size(); i++) {
        final AclRules.Field field = FIELDS.get(i);
        long value = 0;
        for (int k = 0; k < field.sizeBytes(); k++) {
          value = value << 8 | NativeMemory.getUnsignedByte(data + field.offset() + k);
        }
        matches &=
            field.isRange()
                ? rules.value(rule, i) <= value && value <= rules.mask(rule, i)
                : (value & rules.mask(rule, i)) == rules.value(rule, i);
      }
      if (matches) {
        return rules.result(rule);
      }
    }
    return 0;
  }
}
