package dev.shadowplane.dataplane.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleCheck;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleWriter;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;

/** Any text is refused in one line, or is a rule that compiles and is read again as written. */
final class RuleJazzerTest {
  @BeforeAll
  static void start() {
    DpdkTest.startEal();
  }

  @FuzzTest(maxDuration = "60s")
  void refusesOrCompilesAnything(byte[] text) {
    final Rule rule;
    try {
      rule = RuleReader.rule(YamlReader.of("fuzz", new String(text, StandardCharsets.UTF_8)));
      if (rule.match().tuples() > RuleCheck.MAX_TUPLES) {
        return;
      }
      new RuleTable(List.of(rule), name -> 0, 0).close();
    } catch (ConfigException e) {
      assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1);
      return;
    }
    assertThat(RuleReader.rule(YamlReader.of("again", RuleWriter.write(rule)))).isEqualTo(rule);
  }
}
