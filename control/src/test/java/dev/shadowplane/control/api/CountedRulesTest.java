package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersFile;
import dev.shadowplane.dataplane.telemetry.CountersView;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountedRulesTest {
  @TempDir private Path folder;

  @Test
  void namesRulesByTheCountersOfEachWorker() {
    final Path directory = folder.resolve("shm");
    try (CountersFile counters = CountersFile.create(directory, folder.resolve("state"), 64)) {
      counters.newCounter(CounterTypes.PORT, "port.rule.web.matched").set(1);
      final int first = counters.newCounter(CounterTypes.RULE, "rule.web.matched@0").id();
      final int second = counters.newCounter(CounterTypes.RULE, "rule.web.matched@1").id();
      final int dotted = counters.newCounter(CounterTypes.RULE, "rule.a.matched.b.matched@0").id();
      final int filtered = counters.newCounter(CounterTypes.RULE, "rule.web.filtered@0").id();
      final RuleNames rules = new CountedRules(() -> CountersView.open(directory));
      assertThat(rules.nameOf(first)).isEqualTo("web");
      assertThat(rules.nameOf(second)).isEqualTo("web");
      assertThat(rules.nameOf(dotted)).isEqualTo("a.matched.b");
      assertThat(rules.nameOf(filtered)).isEmpty();
      assertThat(rules.nameOf(0)).isEmpty();
    }
  }
}
