package dev.shadowplane.dataplane.analytics.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow.Amounts;
import dev.shadowplane.dataplane.analytics.aggregate.AggregateRow.Traffic;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One table against maps, a minute each. */
final class AggregateTableTest {
  private static final int EVERYTHING = AggregateQuestion.EVERYTHING;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final KeyHash hash = new KeyHash();
  private final AggregateTable.Budget budget = new AggregateTable.Budget();
  private final AggregateTable table = new AggregateTable(AggregateKind.HOST, budget);
  private final Deque<Map<String, long[]>> minutes = new ArrayDeque<>();
  private final Map<String, Long> flowsNow = new HashMap<>();

  @BeforeEach
  void begin() {
    System.out.println("seed " + seed);
    minutes.addFirst(new HashMap<>());
  }

  @Test
  void shouldBeExactForFewKeysInEveryWindow() {
    for (int minute = 0; minute < 70; minute++) {
      for (int change = 0; change < 500; change++) {
        final boolean end = random.nextBoolean();
        count(random.nextInt(300), random.nextInt(5), random.nextInt(5), end);
      }
      if (minute % 9 == 0 || minute > 58) {
        for (int window : new int[] {1, 2, 30, 59, 60, EVERYTHING}) {
          assertExact(window);
        }
      }
      roll();
    }
  }

  @Test
  void shouldBoundWhatItCannotKeepExactly() {
    for (int minute = 0; minute < 4; minute++) {
      for (int change = 0; change < 40_000; change++) {
        // Some busy hosts, of which the table learns when it is full, among many that come once.
        final boolean busy = random.nextInt(4) == 0;
        final int host = busy ? 1_000_000 + random.nextInt(20) : random.nextInt(900_000);
        count(host, busy ? 100 : 1, busy ? 50 : 0, true);
        if (change % 1_000 == 0) {
          table.makeRoom(16);
        }
      }
      for (int window : new int[] {1, 2, EVERYTHING}) {
        assertBounded(window);
      }
      roll();
    }
  }

  @Test
  void shouldCountWhatExceedsTheBudgetAsMissed() {
    final int hosts = AggregateTable.UPDATES_PER_SECOND + 2 * AggregateTable.CAPACITY;
    for (int host = 0; host < hosts; host++) {
      count(host, 1, 0, true);
    }
    assertBounded(1);
    final AggregateReport report = report(1);
    assertThat(report.keys()).isEqualTo(AggregateTable.CAPACITY);
    assertThat(report.untracked().atLeast().packets()).isEqualTo(hosts - AggregateTable.CAPACITY);
    assertThat(report.rows()).allMatch(row -> row.error().packets() >= AggregateTable.CAPACITY);
    budget.renew();
    count(hosts + 1, 1_000_000, 0, true);
    assertThat(report(1).rows().getFirst().atLeast().packets()).isGreaterThanOrEqualTo(1_000_000);
  }

  @Test
  void shouldGivePlacesOfSilentKeysToOthers() {
    for (int host = 0; host < AggregateTable.CAPACITY; host++) {
      count(host, 1, 1, true);
    }
    count(-1, 10, 0, false);
    assertThat(report(1).keys()).isEqualTo(AggregateTable.CAPACITY);
    roll();
    roll();
    // Its sketch is of the minute before the last: the flood is over, and so no key has to go.
    assertThat(table.makeRoom(AggregateTable.CAPACITY)).isZero();
    count(-1, 10, 0, false);
    assertThat(table.makeRoom(AggregateTable.CAPACITY)).isEqualTo(AggregateTable.CAPACITY);
    count(-1, 10, 0, false);
    assertBounded(1);
    assertBounded(EVERYTHING);
    final AggregateReport report = report(EVERYTHING);
    assertThat(report.keys()).isEqualTo(1);
    assertThat(report.rows().getFirst().atLeast().packets()).isEqualTo(30);
    assertThat(report.rows().getFirst().sent()).isEqualTo(new Traffic(10, 1_000));
    assertThat(report.untracked().atLeast().packets()).isEqualTo(20 + 2L * AggregateTable.CAPACITY);
  }

  private void assertExact(int window) {
    final AggregateReport report = report(window);
    final Map<String, long[]> truth = truth(window);
    assertThat(report.untracked().atLeast()).isEqualTo(new Amounts(0, 0, 0));
    assertThat(report.rows()).as("seed %d", seed).hasSize(truth.size());
    long before = Long.MAX_VALUE;
    for (AggregateRow row : report.rows()) {
      final long[] sums = Objects.requireNonNull(truth.get(row.name()));
      assertThat(row.sent()).isEqualTo(new Traffic(sums[0], sums[2]));
      assertThat(row.received()).isEqualTo(new Traffic(sums[1], sums[3]));
      assertThat(row.atLeast())
          .isEqualTo(new Amounts(sums[0] + sums[1], sums[2] + sums[3], sums[4]));
      assertThat(row.error()).isEqualTo(new Amounts(0, 0, 0));
      assertThat(row.flowsNow()).isEqualTo(flowsNow.get(row.name()));
      assertThat(row.atLeast().bytes()).isLessThanOrEqualTo(before);
      before = row.atLeast().bytes();
    }
  }

  /** Every row holds the truth between its bounds, and what exceeds the error has a row. */
  private void assertBounded(int window) {
    final AggregateReport report = report(window);
    final Map<String, long[]> truth = truth(window);
    long own = 0;
    final Map<String, AggregateRow> rows = new HashMap<>();
    for (AggregateRow row : report.rows()) {
      rows.put(row.name(), row);
      final long[] sums = Objects.requireNonNull(truth.get(row.name()));
      assertThat(sums[0] + sums[1])
          .as("%s, seed %d", row.name(), seed)
          .isBetween(row.atLeast().packets(), row.atLeast().packets() + row.error().packets());
      assertThat(sums[2] + sums[3])
          .isBetween(row.atLeast().bytes(), row.atLeast().bytes() + row.error().bytes());
      assertThat(sums[4])
          .isBetween(row.atLeast().flows(), row.atLeast().flows() + row.error().flows());
      own += row.sent().packets() + row.received().packets();
    }
    final long all = truth.values().stream().mapToLong(sums -> sums[0] + sums[1]).sum();
    assertThat(own + report.untracked().atLeast().packets()).as("seed %d", seed).isEqualTo(all);
    final long error = report.rows().stream().mapToLong(row -> row.error().bytes()).max().orElse(0);
    truth.forEach((name, sums) -> {
      if (sums[2] + sums[3] > error) {
        assertThat(rows).as("seed %d", seed).containsKey(name);
      }
    });
  }

  private AggregateReport report(int window) {
    final AggregateTable.Copy copy = table.copy(window);
    while (copy.addMinute()) {
      // A piece at a time.
    }
    return new AggregateAnswer(
            new AggregateQuestion(
                AggregateKind.HOST, AggregateOrder.BYTES, AggregateQuestion.MAX_LIMIT, window),
            0,
            0,
            copy,
            copy,
            List.of(),
            Map.of())
        .all();
  }

  private void count(int host, int sent, int received, boolean end) {
    final AggregateKey key = new AggregateKey().set(host, ~host, 0, 0, hash.of(host, ~host, 0, 0));
    final boolean packets = sent + received > 0;
    final int begun = packets ? 1 : 0;
    final String name = KeyText.name(AggregateKind.HOST, key);
    final int more = begun - (end ? 1 : 0);
    table.count(key, sent, received, sent * 100L, received * 60L, begun, more);
    if (packets) {
      final long[] sums =
          Objects.requireNonNull(minutes.peekFirst()).computeIfAbsent(name, _ -> new long[5]);
      sums[0] += sent;
      sums[1] += received;
      sums[2] += sent * 100L;
      sums[3] += received * 60L;
      sums[4]++;
    }
    if (packets || flowsNow.containsKey(name)) {
      flowsNow.merge(name, (long) more, (now, change) -> Math.max(0, now + change));
    }
  }

  private void roll() {
    table.roll();
    minutes.addFirst(new HashMap<>());
  }

  private Map<String, long[]> truth(int window) {
    final Map<String, long[]> truth = new HashMap<>();
    minutes.stream()
        .limit(window == EVERYTHING ? Long.MAX_VALUE : window + 1)
        .forEach(minute ->
            minute.forEach((name, sums) -> {
              final long[] all = truth.computeIfAbsent(name, _ -> new long[5]);
              for (int i = 0; i < all.length; i++) {
                all[i] += sums[i];
              }
            }));
    return truth;
  }
}
