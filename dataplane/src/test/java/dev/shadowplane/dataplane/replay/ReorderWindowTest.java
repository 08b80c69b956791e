package dev.shadowplane.dataplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dpdk.NativeMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames come out in the order of time, as far as the window reaches. */
final class ReorderWindowTest {
  private static final long FRAME = NativeMemory.allocate(ReorderWindow.MAX_FRAME_BYTES, 64);

  /** A frame that tells which it is in its first bytes and its length. */
  private record Item(long timeNs, int number, int length) {}

  private static void add(ReorderWindow window, Item item) {
    NativeMemory.putInt(FRAME, item.number);
    window.add(item.timeNs, FRAME, item.length);
  }

  private static Item take(ReorderWindow window) {
    window.take();
    return new Item(
        window.timestampNs(), NativeMemory.getInt(window.frameAddress()), window.lengthBytes());
  }

  private static List<Item> through(ReorderWindow window, List<Item> items) {
    final List<Item> out = new ArrayList<>();
    for (Item item : items) {
      while (!window.hasRoom(item.length)) {
        out.add(take(window));
      }
      add(window, item);
      while (window.isDue()) {
        out.add(take(window));
      }
    }
    while (!window.isEmpty()) {
      out.add(take(window));
    }
    return out;
  }

  @Test
  void disorderWithinTheWindowIsPutRight() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<Item> items = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      items.add(
          new Item(
              i * 100L + random.nextInt(2_000),
              i,
              random.nextInt(100) == 0
                  ? random.nextInt(2_305, 60_000)
                  : random.nextInt(14, 1_500)));
    }
    try (ReorderWindow window = new ReorderWindow(64, 5_000)) {
      assertThat(through(window, items))
          .as("seed %d", seed)
          .isEqualTo(items.stream().sorted(Comparator.comparingLong(Item::timeNs)).toList());
    }
  }

  @Test
  void framesOfTheSameTimeKeepTheirOrder() {
    final List<Item> items = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      items.add(new Item(i / 100, i, 60));
    }
    try (ReorderWindow window = new ReorderWindow(50, 1_000)) {
      assertThat(through(window, items)).isEqualTo(items);
    }
  }

  /** One frame from the far future keeps none of the others back, and comes last. */
  @Test
  void anAbsurdTimeDisturbsNoOther() {
    final List<Item> items = new ArrayList<>();
    items.add(new Item(Long.MAX_VALUE, 0, 60));
    for (int i = 1; i < 1_000; i++) {
      items.add(new Item(i, i, 60));
    }
    final List<Item> expected = new ArrayList<>(items.subList(1, 1_000));
    expected.add(items.getFirst());
    try (ReorderWindow window = new ReorderWindow(100, 10)) {
      assertThat(through(window, items)).isEqualTo(expected);
    }
  }

  @Test
  void withoutAWindowTheOrderStays() {
    final List<Item> items =
        List.of(new Item(5, 1, 60), new Item(3, 2, 60_000), new Item(9, 3, 60), new Item(1, 4, 60));
    try (ReorderWindow window = new ReorderWindow(0, 1_000)) {
      assertThat(through(window, items)).isEqualTo(items);
    }
  }

  @Test
  void whatIsClearedLeavesRoom() {
    try (ReorderWindow window = new ReorderWindow(4, 1_000)) {
      for (int round = 0; round < 100; round++) {
        for (int i = 0; window.hasRoom(60_000); i++) {
          add(window, new Item(i, i, 60_000));
        }
        window.clear();
        assertThat(window.isEmpty()).isTrue();
      }
      add(window, new Item(1, 7, 60));
      assertThat(take(window)).isEqualTo(new Item(1, 7, 60));
    }
  }
}
