package dev.shadowplane.dataplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.CopyChange;
import dev.shadowplane.dataplane.config.MatchReader;
import dev.shadowplane.dataplane.config.RewriteReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.encap.CopyShape;
import dev.shadowplane.dataplane.encap.FrameShaper;
import dev.shadowplane.dataplane.encap.Rewrites;
import dev.shadowplane.dataplane.replay.MemorySource.Item;
import dev.shadowplane.dpdk.DpdkTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is replayed comes out byte by byte, in order, at its time; and every buffer comes back. */
final class ReplayTest extends DpdkTest {
  private static final long T0 = 1_700_000_000_000_000_000L;
  private static final long MILLISECOND_NS = 1_000_000;
  private static final ReplayTiming TOP_SPEED = new ReplayTiming.TopSpeed();

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  private byte[] frame(int length) {
    final byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private List<Item> items(int count, long intervalNs) {
    final List<Item> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(new Item(T0 + i * intervalNs, frame(60)));
    }
    return items;
  }

  private static List<byte[]> bytes(List<Item> items) {
    return items.stream().map(Item::bytes).toList();
  }

  private void same(List<byte[]> actual, List<byte[]> expected) {
    assertThat(actual).as("seed %d", seed).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("frame %d, seed %d", i, seed).isEqualTo(expected.get(i));
    }
  }

  @Test
  void framesOfEveryLengthComeOutInOrder() {
    final List<Item> items = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      items.add(new Item(T0 + i, frame(random.nextInt(14, i % 50 == 0 ? 20_000 : 1_515))));
    }
    try (ReplayLab lab = new ReplayLab(pool(), 1_024)) {
      final MemorySource source = new MemorySource(items, false);
      final Replay replay = lab.start(ReplayLab.request(TOP_SPEED, 1), source);
      same(lab.all(replay), bytes(items));
      assertThat(replay.state()).isEqualTo(ReplayState.FINISHED);
      assertThat(replay.status().counters())
          .containsEntry("loaded", 3_000L)
          .containsEntry("sent", 3_000L)
          .containsEntry("scheduled", 3_000L)
          .containsEntry("loops", 1L)
          .containsEntry("position-ns", 2_999L)
          .containsEntry("bytes", items.stream().mapToLong(i -> i.bytes().length).sum());
      lab.until("the loader's end", replay::isGone);
      assertThat(source.isClosed()).isTrue();
    }
  }

  @Test
  void aFrameIsSentAtItsTimeAndNotBefore() {
    final List<Item> items = items(200, MILLISECOND_NS);
    try (ReplayLab lab = new ReplayLab(pool(), 1_024)) {
      final Replay replay =
          lab.start(
              ReplayLab.request(new ReplayTiming.Scaled(5_000), 1), new MemorySource(items, false));
      final long begin = lab.begin(replay);
      for (int i = 0; i < items.size(); i++) {
        lab.nowNs = begin + 2L * i * MILLISECOND_NS - 1;
        lab.turn();
        assertThat(lab.receive()).as("before frame %d", i).isEmpty();
        lab.nowNs++;
        lab.turn();
        same(lab.receive(), List.of(items.get(i).bytes()));
      }
      replay.report();
      assertThat(replay.errors().getTotalCount()).isEqualTo(200);
      assertThat(replay.errors().getMaxValue()).isZero();
    }
  }

  @Test
  void theHistogramSaysHowLateFramesWere() {
    final List<Item> items = items(3, MILLISECOND_NS);
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 1), new MemorySource(items, false));
      lab.nowNs = lab.begin(replay) + 2 * MILLISECOND_NS + 500;
      lab.turn();
      same(lab.all(replay), bytes(items));
      replay.report();
      assertThat(replay.errors().getMinNonZeroValue()).isLessThanOrEqualTo(500);
      assertThat(replay.errors().getMaxValue())
          .isBetween(2 * MILLISECOND_NS + 500, 2 * MILLISECOND_NS + 5_000);
      assertThat(replay.status().count("late.core")).isEqualTo(2);
    }
  }

  @Test
  void timeStandsStillInAPause() {
    final List<Item> items = items(4, MILLISECOND_NS);
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 1), new MemorySource(items, false));
      final long begin = lab.begin(replay);
      lab.nowNs = begin + MILLISECOND_NS + 300;
      lab.turn();
      same(lab.receive(), bytes(items.subList(0, 2)));
      replay.pause();
      lab.turn();
      assertThat(replay.state()).isEqualTo(ReplayState.PAUSED);
      lab.nowNs += 77 * MILLISECOND_NS;
      lab.turn();
      assertThat(lab.receive()).isEmpty();
      replay.resume();
      lab.turn();
      assertThat(lab.receive()).isEmpty();
      lab.nowNs = begin + 79 * MILLISECOND_NS - 1;
      lab.turn();
      assertThat(lab.receive()).isEmpty();
      lab.nowNs++;
      lab.turn();
      same(lab.receive(), List.of(items.get(2).bytes()));
    }
  }

  @Test
  void aSeekGoesOnFromAnyPlaceAtOnce() {
    final List<Item> items = items(20_000, MILLISECOND_NS);
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 1), new MemorySource(items, false));
      lab.nowNs = lab.begin(replay);
      lab.turn();
      same(lab.receive(), List.of(items.getFirst().bytes()));
      for (int to : new int[] {15_000, 3, 19_999}) {
        replay.seek(T0 + to * MILLISECOND_NS - 5);
        final List<byte[]> first = new ArrayList<>();
        lab.until(
            "frame " + to,
            () -> {
              lab.nowNs += 1_000;
              first.addAll(lab.receive());
              return !first.isEmpty();
            });
        same(first, List.of(items.get(to).bytes()));
      }
      lab.until("the end", () -> replay.state().isOver());
    }
  }

  @Test
  void loopsSendItAllAgain() {
    final List<Item> items = items(500, 1_000);
    final List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      expected.addAll(bytes(items));
    }
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 7), new MemorySource(items, false));
      same(lab.all(replay), expected);
      assertThat(replay.status().count("loops")).isEqualTo(7);
    }
  }

  @Test
  void disorderIsPutRightAndWhatComesTooLateIsSentAtOnce() {
    final List<Item> items = items(1_000, 10);
    final List<byte[]> expected = new ArrayList<>(bytes(items));
    final List<Item> given = new ArrayList<>(items);
    // Within ten frames each; one of them by far more.
    for (int i = 0; i + 10 <= 900; i += 10) {
      java.util.Collections.shuffle(given.subList(i, i + 10), random);
    }
    final Item late = items.get(950);
    given.remove(950);
    given.add(late);
    expected.remove(950);
    // Sixteen that are still held back when it comes go after it.
    expected.add(expected.size() - 16, late.bytes());
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(
              ReplayLab.request(
                  ReplayTiming.ORIGINAL,
                  1,
                  dev.shadowplane.dataplane.config.Match.ALL,
                  new ReplayRequest.Limits(16, MILLISECOND_NS, MILLISECOND_NS, Long.MAX_VALUE)),
              new MemorySource(given, false));
      same(lab.all(replay), expected);
      assertThat(replay.status().count("late.window")).isEqualTo(1);
    }
  }

  @Test
  void whatTheFullPortRefusesIsDroppedWhenItIsTooLate() {
    final List<Item> items = items(200, 1_000);
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 1), new MemorySource(items, false));
      lab.nowNs = lab.begin(replay) + 200_000;
      lab.turn();
      // The ring takes 63; the others wait.
      assertThat(replay.status().count("sent")).isEqualTo(63);
      assertThat(replay.status().count("dropped.port-full")).isZero();
      lab.nowNs += 99 * MILLISECOND_NS;
      lab.turn();
      assertThat(replay.status().count("dropped.port-full")).isZero();
      lab.nowNs += 2 * MILLISECOND_NS;
      lab.until("the end", () -> replay.state().isOver());
      same(lab.receive(), bytes(items.subList(0, 63)));
      assertThat(replay.status().count("dropped.port-full")).isEqualTo(137);
      assertThat(replay.status().count("scheduled")).isEqualTo(200);
    }
  }

  @Test
  void aPortThatIsDownIsSaidAndCounted() {
    final List<Item> items = items(100, 10 * MILLISECOND_NS);
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 1), new MemorySource(items, false));
      lab.nowNs = lab.begin(replay);
      lab.turn();
      same(lab.receive(), bytes(items.subList(0, 1)));
      lab.linkUp = false;
      lab.until("the link to be down", () -> !replay.isLinkUp());
      lab.nowNs += 205 * MILLISECOND_NS;
      lab.turn();
      assertThat(lab.receive()).isEmpty();
      assertThat(replay.status().count("dropped.port-down")).isEqualTo(10);
      lab.linkUp = true;
      lab.until("the link to be up", replay::isLinkUp);
      lab.turn();
      same(lab.receive(), bytes(items.subList(11, 21)));
    }
  }

  @Test
  void selectorsLeaveFramesOut() {
    final List<Item> items = items(300, 10);
    for (int i = 0; i < 300; i++) {
      Arrays.fill(items.get(i).bytes(), 0, 14, (byte) (2 * (i % 3)));
    }
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(
              ReplayLab.request(
                  TOP_SPEED,
                  1,
                  MatchReader.read("test", "{ filter: 'ether src 02:02:02:02:02:02' }"),
                  ReplayRequest.Limits.DEFAULT),
              new MemorySource(items, false));
      same(lab.all(replay), bytes(items).stream().filter(bytes -> bytes[0] == 2).toList());
      assertThat(replay.status().count("filtered")).isEqualTo(200);
    }
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(
              ReplayLab.request(
                  TOP_SPEED,
                  1,
                  MatchReader.read("test", "{ ingress: even }"),
                  ReplayRequest.Limits.DEFAULT),
              new MemorySource(items, false));
      final List<byte[]> even = new ArrayList<>();
      for (int i = 1; i < 300; i += 2) {
        even.add(items.get(i).bytes());
      }
      same(lab.all(replay), even);
    }
  }

  @Test
  void addressesAreReplaced() {
    final List<Item> items = items(100, 10);
    final List<byte[]> expected = new ArrayList<>();
    for (Item item : items) {
      Arrays.fill(item.bytes(), 0, 6, (byte) 2);
      item.bytes()[12] = 0x12;
      final byte[] changed = item.bytes().clone();
      Arrays.fill(changed, 0, 6, (byte) 4);
      expected.add(changed);
    }
    final Rewrites rewrites =
        new Rewrites(
            List.of(
                RewriteReader.rewrite(
                    "map",
                    YamlReader.of("test", "macs: { '02:02:02:02:02:02': '04:04:04:04:04:04' }"))));
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final Replay replay =
          lab.start(
              ReplayLab.request(TOP_SPEED, 1),
              new MemorySource(items, false),
              new FrameShaper(
                  new CopyShape(new CopyChange(null, null, null, "map"), rewrites), 1_518));
      same(lab.all(replay), expected);
    }
  }

  @Test
  void whatIsAddedWhileItIsReplayedComesOutToo() {
    final List<Item> items = items(2_000, 10);
    try (ReplayLab lab = new ReplayLab(pool(), 64)) {
      final MemorySource source = new MemorySource(items.subList(0, 10), true);
      final Replay replay = lab.start(ReplayLab.request(ReplayTiming.ORIGINAL, 1), source);
      final List<byte[]> out = new ArrayList<>();
      int given = 10;
      while (given < items.size()) {
        final int before = given;
        lab.until(
            "frame " + before,
            () -> {
              lab.nowNs += 1_000;
              out.addAll(lab.receive());
              return out.size() == before;
            });
        given = Math.min(items.size(), given + random.nextInt(1, 400));
        items.subList(before, given).forEach(source::add);
      }
      lab.until(
          "the last frame",
          () -> {
            lab.nowNs += 1_000;
            out.addAll(lab.receive());
            return out.size() == items.size();
          });
      same(out, bytes(items));
      replay.stop();
      lab.until("the end", replay::isGone);
      assertThat(replay.state()).isEqualTo(ReplayState.STOPPED);
    }
  }

  /** The base class looks whether every buffer is back in its pool. */
  @Test
  void itStopsAtAnyMoment() {
    final List<Item> items = items(5_000, 1_000);
    for (int round = 0; round < 60; round++) {
      try (ReplayLab lab = new ReplayLab(pool(), 64)) {
        final Replay replay =
            lab.start(
                ReplayLab.request(round % 2 == 0 ? ReplayTiming.ORIGINAL : TOP_SPEED, 0),
                new MemorySource(items, false));
        final int turns = random.nextInt(3_000);
        for (int i = 0; i < turns; i++) {
          lab.nowNs += random.nextInt(20_000);
          lab.turn();
          if (random.nextInt(50) == 0) {
            switch (random.nextInt(4)) {
              case 0 -> replay.pause();
              case 1 -> replay.seek(T0 + random.nextInt(5_000) * 1_000L);
              case 2 -> lab.receive();
              default -> replay.resume();
            }
          }
          if (i > 200) {
            break;
          }
        }
        replay.stop();
        lab.until("the end, seed " + seed, replay::isGone);
        assertThat(replay.state()).isEqualTo(ReplayState.STOPPED);
      }
    }
  }
}
