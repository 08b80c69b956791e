package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersFile;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dataplane.telemetry.RuleLedger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ledger balances whenever it is read, and adds the workers' shares up. */
final class RuleLedgerTest {
  private static final int READINGS = 20_000;

  @TempDir private Path root;

  @Test
  void balancesWhileTwoWorkersPublishWithoutPause() throws Exception {
    final long seed = System.nanoTime();
    try (CountersFile file = CountersFile.create(root.resolve("run"), root.resolve("state"), 64)) {
      final AtomicBoolean running = new AtomicBoolean(true);
      final List<Thread> workers = new ArrayList<>();
      for (int worker = 0; worker < 2; worker++) {
        final RuleTallies tallies = new RuleTallies(new RuleTally[] {tally(file, worker)});
        final SplittableRandom random = new SplittableRandom(seed + worker);
        workers.add(
            Thread.ofPlatform()
                .start(() -> {
                  while (running.get()) {
                    burst(tallies, random);
                    // As a worker does between two bursts.
                    Thread.onSpinWait();
                  }
                }));
      }
      final CountersView view = CountersView.open(root.resolve("run"));
      long last = -1;
      int different = 0;
      for (int i = 0; i < READINGS; i++) {
        final RuleLedger ledger = RuleLedger.read(view).getFirst();
        if (ledger.exact()) {
          balances(ledger, seed);
          different += ledger.matched() == last ? 0 : 1;
          last = ledger.matched();
        }
      }
      running.set(false);
      for (Thread worker : workers) {
        worker.join();
      }
      assertThat(different).as("readings while it counted").isGreaterThan(READINGS / 100);
      final RuleLedger end = RuleLedger.read(view).getFirst();
      assertThat(end.exact()).isTrue();
      balances(end, seed);
      assertThat(view.value("rule.web.matched")).hasValue(end.matched());
    }
  }

  private static RuleTally tally(CountersFile file, int worker) {
    return new RuleTally(
        List.of("port:shadow"),
        target -> false,
        false,
        what -> {
          final String label = CounterTypes.perWorker(CounterTypes.rule("web", what), worker);
          return new TallyCount(file.newCounter(CounterTypes.ofRule(what), label));
        });
  }

  private static void burst(RuleTallies tallies, SplittableRandom random) {
    final int frames = random.nextInt(1, 33);
    final RuleTally tally = tallies.of(0);
    tallies.matched(0, frames);
    for (int i = 0; i < frames; i++) {
      switch (random.nextInt(4)) {
        case 0 -> tallies.filtered(0);
        case 1 -> tally.target(0).tooLong();
        case 2 -> tally.target(0).mirrored();
        default -> {
          tally.target(0).mirrored();
          tally.target(0).ringFullInstead();
        }
      }
    }
    tallies.publish(1);
  }

  private static void balances(RuleLedger ledger, long seed) {
    assertThat(ledger.rule()).isEqualTo("web");
    final RuleLedger.Target target = ledger.targets().getFirst();
    assertThat(target.target()).isEqualTo("port:shadow");
    assertThat(target.shed()).containsOnlyKeys("ring-full", "frame-too-long");
    final long shed = target.shed().values().stream().mapToLong(Long::longValue).sum();
    assertThat(ledger.filtered() + target.mirrored() + shed)
        .as("seed %d", seed)
        .isEqualTo(ledger.matched());
  }
}
