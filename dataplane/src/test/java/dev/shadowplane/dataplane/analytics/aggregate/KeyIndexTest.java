package dev.shadowplane.dataplane.analytics.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KeyIndexTest {
  private static final int CAPACITY = 64;

  @Test
  void shouldKeepTheKeysOfAMap() {
    final long seed = new Random().nextLong();
    final Random random = new Random(seed);
    final KeyIndex index = new KeyIndex(CAPACITY);
    final Map<Long, Integer> model = new HashMap<>();
    for (int step = 0; step < 100_000; step++) {
      final long word = random.nextInt(2 * CAPACITY);
      final Integer known = model.get(word);
      assertThat(index.find(key(word)))
          .as("step %d of seed %d", step, seed)
          .isEqualTo(known == null ? KeyIndex.NONE : known);
      if (known != null) {
        assertThat(index.key(known)).isEqualTo(key(word));
        index.remove(known);
        model.remove(word);
      } else {
        final int number = index.add(key(word));
        assertThat(number == KeyIndex.NONE).as("seed %d", seed).isEqualTo(model.size() == CAPACITY);
        if (number != KeyIndex.NONE) {
          assertThat(model).doesNotContainValue(number);
          model.put(word, number);
        }
      }
      assertThat(index.room()).isEqualTo(CAPACITY - model.size());
    }
  }

  @Test
  void shouldTellApartKeysOfOneHash() {
    final KeyIndex index = new KeyIndex(CAPACITY);
    final List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < CAPACITY; i++) {
      numbers.add(index.add(new AggregateKey().set(i, 0, 0, 0, 7)));
    }
    for (int i = 0; i < CAPACITY; i += 2) {
      index.remove(numbers.get(i));
    }
    for (int i = 0; i < CAPACITY; i++) {
      assertThat(index.find(new AggregateKey().set(i, 0, 0, 0, 7)))
          .isEqualTo(i % 2 == 0 ? KeyIndex.NONE : numbers.get(i));
    }
  }

  /** With hashes that crowd around the end of the table. */
  private static AggregateKey key(long word) {
    return new AggregateKey().set(word, -word, word * 3, 1, -4 + word % 9);
  }
}
