package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FlowIndexTest {
  private static final int CAPACITY = 100_000;

  @Test
  void findsWhatItHoldsWhileItGrowsAndShrinks() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final FlowIndex index = new FlowIndex(CAPACITY);
    final int[] hashes = new int[CAPACITY];
    final List<Integer> held = new ArrayList<>();
    final List<Integer> free = new ArrayList<>();
    for (int i = 0; i < CAPACITY; i++) {
      free.add(i);
    }
    for (int i = 0; i < 600_000; i++) {
      final boolean growing = i / 150_000 % 2 == 0;
      if (!free.isEmpty() && (held.isEmpty() || random.nextInt(8) < (growing ? 7 : 2))) {
        final int entry = free.removeLast();
        // Some hashes are shared, and some slots crowded.
        hashes[entry] = random.nextInt(4) == 0 ? random.nextInt(64) << 20 : random.nextInt();
        if (random.nextInt(4) == 0 && !held.isEmpty()) {
          hashes[entry] ^= 1 << 30;
        }
        if (index.add(hashes[entry], entry)) {
          held.add(entry);
        } else {
          free.add(entry);
        }
      } else {
        final int at = random.nextInt(held.size());
        final int entry = held.get(at);
        held.set(at, held.getLast());
        held.removeLast();
        index.remove(hashes[entry], entry);
        free.add(entry);
        assertThat(find(index, hashes[entry], entry)).as("seed %d", seed).isFalse();
      }
      if (i % 50_000 == 0) {
        assertThat(held).as("seed %d", seed).allMatch(entry -> find(index, hashes[entry], entry));
      }
    }
    assertThat(held).as("seed %d", seed).allMatch(entry -> find(index, hashes[entry], entry));
    for (int entry : held) {
      index.remove(hashes[entry], entry);
    }
    assertThat(held).as("seed %d", seed).noneMatch(entry -> find(index, hashes[entry], entry));
    index.close();
  }

  @Test
  void holdsItsCapacityOfWellMixedHashes() {
    for (int capacity : new int[] {16, 767, 768, 769, 5000, 1_000_000}) {
      final Random random = new Random(capacity);
      final FlowIndex index = new FlowIndex(capacity);
      for (int entry = 0; entry < capacity; entry++) {
        assertThat(index.add(random.nextInt(), entry)).as("%d of %d", entry, capacity).isTrue();
      }
      index.close();
    }
  }

  @Test
  void refusesToRemoveWhatIsNotThere() {
    final FlowIndex index = new FlowIndex(16);
    index.add(7, 1);
    assertThatThrownBy(() -> index.remove(7, 2)).hasMessage("flow entry 2 is not in the index");
    index.close();
  }

  private static boolean find(FlowIndex index, int hash, int entry) {
    final long segment = index.segment(hash);
    for (int slot = hash; FlowIndex.slot(segment, slot) != 0; slot++) {
      if (FlowIndex.slot(segment, slot) == ((long) hash << 32 | (entry + 1))) {
        return true;
      }
    }
    return false;
  }
}
