package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersFile;
import dev.shadowplane.dataplane.telemetry.CountersView;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountedRulesTest {
  @TempDir private Path folder;

  private final AtomicLong nowNs = new AtomicLong();

  @Test
  void namesRulesByTheCountersOfEachWorker() {
    final Path directory = folder.resolve("shm");
    try (CountersFile counters = CountersFile.create(directory, folder.resolve("state"), 64)) {
      counters.newCounter(CounterTypes.PORT, "port.rule.web.matched").set(1);
      final int first = counters.newCounter(CounterTypes.RULE, "rule.web.matched@0").id();
      final int second = counters.newCounter(CounterTypes.RULE, "rule.web.matched@1").id();
      final int dotted = counters.newCounter(CounterTypes.RULE, "rule.a.matched.b.matched@0").id();
      final int filtered = counters.newCounter(CounterTypes.RULE, "rule.web.filtered@0").id();
      final CountedRules rules = new CountedRules(() -> CountersView.open(directory), nowNs::get);
      assertThat(rules.nameOf(first)).isEqualTo("web");
      assertThat(rules.nameOf(second)).isEqualTo("web");
      assertThat(rules.nameOf(dotted)).isEqualTo("a.matched.b");
      assertThat(rules.nameOf(filtered)).isEmpty();
      assertThat(rules.nameOf(0)).isEmpty();
      assertThat(rules.keyOf(first)).isEqualTo(rules.keyOf(second));
      assertThat(rules.keyOf(dotted)).isNotEqualTo(rules.keyOf(first));
      assertThat(rules.keyOf(filtered)).isEqualTo(filtered);
      assertThat(rules.keyOf(-1)).isEqualTo(-1);
    }
  }

  @Test
  void seesARuleThatIsAddedAsSoonAsItsNumberComes() {
    final Path directory = folder.resolve("shm");
    try (CountersFile counters = CountersFile.create(directory, folder.resolve("state"), 64)) {
      final int first = counters.newCounter(CounterTypes.RULE, "rule.web.matched@0").id();
      final CountedRules rules = new CountedRules(() -> CountersView.open(directory), nowNs::get);
      assertThat(rules.nameOf(first)).isEqualTo("web");
      final int second = counters.newCounter(CounterTypes.RULE, "rule.dns.matched@0").id();
      nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
      assertThat(rules.nameOf(second)).isEqualTo("dns");
    }
  }

  @Test
  void keepsTheNameOfARuleThatIsGoneApartFromTheNextOneWithItsNumber() {
    final Path before = folder.resolve("before");
    final Path after = folder.resolve("after");
    final Path[] directory = {before};
    final CountedRules rules = new CountedRules(() -> CountersView.open(directory[0]), nowNs::get);
    final int id;
    final long key;
    try (CountersFile counters = CountersFile.create(before, folder.resolve("state"), 64)) {
      final AtomicCounter counter = counters.newCounter(CounterTypes.RULE, "rule.old.matched@0");
      id = counter.id();
      key = rules.keyOf(id);
      assertThat(rules.nameOf(key)).isEqualTo("old");
      counters.free(counter);
      nowNs.addAndGet(TimeUnit.SECONDS.toNanos(2));
      assertThat(rules.nameOf(id)).isEqualTo("old");
    }
    try (CountersFile counters = CountersFile.create(after, folder.resolve("state"), 64)) {
      assertThat(counters.newCounter(CounterTypes.RULE, "rule.next.matched@0").id()).isEqualTo(id);
      directory[0] = after;
      nowNs.addAndGet(TimeUnit.SECONDS.toNanos(2));
      assertThat(rules.nameOf(id)).isEqualTo("next");
      assertThat(rules.keyOf(id)).isNotEqualTo(key);
      assertThat(rules.nameOf(key)).isEqualTo("old");
    }
  }
}
