package dev.shadowplane.dpdk;

import java.util.Arrays;
import java.util.List;

/**
 * Rules for an {@link AclTable}, each a value and a mask (or a low and a high end) for every field.
 * One thread; may be dropped once the table is made.
 */
public final class AclRules {
  private static final int FIRST_CAPACITY = 64;

  private final List<Field> fields;
  private long[] values = new long[0];
  private int[] priorities = new int[FIRST_CAPACITY];
  private int[] results = new int[FIRST_CAPACITY];
  private int size;

  /**
   * A field of what is classified, which lies as on the wire (big-endian).
   *
   * @param offset from where {@link AclTable#classify} is pointed; the first field has any, the
   *     others come in groups of four bytes, each complete and in order
   * @param sizeBytes 1 for the first field; 1, 2 or 4 for the others
   * @param isRange whether rules give a low and a high end instead of a value and a mask
   */
  public record Field(int offset, int sizeBytes, boolean isRange) {
    long highest() {
      return (1L << (8 * sizeBytes)) - 1;
    }
  }

  /**
   * No rules yet.
   *
   * @param fields of every rule, at most 64
   */
  public AclRules(List<Field> fields) {
    this.fields = List.copyOf(fields);
  }

  /**
   * Adds a rule.
   *
   * @param priority from 1 on; of all rules that match, the one with the highest decides
   * @param result what {@link AclTable#classify} then yields; not 0
   * @param conditions two numbers for each field: a value and a mask, or a low and a high end; 0
   *     and 0, or 0 and the field's highest number, for any
   */
  public void add(int priority, int result, long[] conditions) {
    final int width = 2 * fields.size();
    if (size * width == values.length || size == results.length) {
      final int capacity = Math.max(FIRST_CAPACITY, 2 * size);
      values = Arrays.copyOf(values, capacity * width);
      priorities = Arrays.copyOf(priorities, capacity);
      results = Arrays.copyOf(results, capacity);
    }
    System.arraycopy(conditions, 0, values, size * width, width);
    priorities[size] = priority;
    results[size++] = result;
  }

  /**
   * Adds all rules of another.
   *
   * @param others on the same fields
   */
  public void addAll(AclRules others) {
    final int width = 2 * fields.size();
    for (int rule = 0; rule < others.size; rule++) {
      add(
          others.priorities[rule],
          others.results[rule],
          Arrays.copyOfRange(others.values, rule * width, (rule + 1) * width));
    }
  }

  /**
   * How many there are.
   *
   * @return from 0 on
   */
  public int size() {
    return size;
  }

  List<Field> fields() {
    return fields;
  }

  int priority(int rule) {
    return priorities[rule];
  }

  int result(int rule) {
    return results[rule];
  }

  /** The value or the low end. */
  long value(int rule, int field) {
    return values[2 * (rule * fields.size() + field)];
  }

  /** The mask or the high end. */
  long mask(int rule, int field) {
    return values[2 * (rule * fields.size() + field) + 1];
  }

  /** Whether any rule says anything about a field. */
  boolean uses(int field) {
    final long any = fields.get(field).isRange ? fields.get(field).highest() : 0;
    for (int rule = 0; rule < size; rule++) {
      if (mask(rule, field) != any || (fields.get(field).isRange && value(rule, field) != 0)) {
        return true;
      }
    }
    return false;
  }
}
