package dev.shadowplane.dataplane.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.mirror.RandomMatches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What is written as text is read again as it was. */
final class RuleTextTest {
  private static final int RULE_SETS = 300;

  @Test
  void everyRuleSetIsReadAsItWasWritten() {
    final long seed = System.nanoTime();
    System.out.println("RuleTextTest seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < RULE_SETS; i++) {
      final List<Rule> rules = new ArrayList<>();
      for (int r = random.nextInt(6); r > 0; r--) {
        rules.add(rule("r" + r + "_-x".repeat(random.nextInt(3)), random));
      }
      final RuleSet set = new RuleSet(random.nextLong(Long.MAX_VALUE), rules);
      final String text = RuleWriter.write(set);
      assertThat(text.lines()).as("seed %d: %s", seed, text).hasSize(1);
      assertThat(RuleReader.ruleSet(YamlReader.of("set", text)))
          .as("seed %d: %s", seed, text)
          .isEqualTo(set);
      for (Rule rule : rules) {
        assertThat(RuleReader.rule(YamlReader.of("rule", RuleWriter.write(rule))))
            .as("seed %d", seed)
            .isEqualTo(rule);
      }
    }
  }

  private static Rule rule(String name, RandomGenerator random) {
    final List<RuleTarget> targets = new ArrayList<>();
    for (int t = random.nextInt(RuleReader.MAX_TARGETS); t > 0; t--) {
      targets.add(
          random.nextBoolean() ? new RuleTarget.Port("p" + t) : new RuleTarget.Collector("c" + t));
    }
    if (random.nextBoolean()) {
      targets.add(RuleTarget.JOURNAL);
    }
    final double[] percents = {0, 100, random.nextDouble() * 100, random.nextDouble() / 1e6};
    return new Rule(
        name,
        random.nextInt(-1_000_000, 1_000_001),
        random.nextInt(20) == 0
            ? MatchReader.read("filter", "{ filter: 'tcp port 80' }")
            : new RandomMatches(random).next(),
        percents[random.nextInt(percents.length)],
        targets,
        new CopyChange(
            random.nextBoolean() ? null : Integer.valueOf(random.nextInt(14, 65_536)),
            random.nextBoolean() ? null : Integer.valueOf(random.nextInt(64)),
            random.nextBoolean() ? null : Integer.valueOf(random.nextInt(1, 4_095)),
            random.nextBoolean() ? null : "map"),
        new Limits(
            random.nextBoolean() ? 0 : random.nextLong(1, 1_000_000_000_001L),
            random.nextBoolean() ? 0 : random.nextLong(1, 1_000_000_000_001L),
            random.nextBoolean() ? 1 : random.nextInt(1, 1_000_000_001),
            random.nextBoolean() ? 0 : random.nextLong(1, 1_000_000_000_001L),
            random.nextBoolean() ? 0 : random.nextLong(1, 1_000_000_000_001L)),
        random.nextBoolean() ? null : "hidden");
  }

  /** JSON that any reader takes, whatever characters somebody put into a text. */
  @Test
  void hostileTextSurvivesJson() {
    final long seed = System.nanoTime();
    System.out.println("RuleTextTest text seed " + seed);
    final SplittableRandom random = new SplittableRandom(seed);
    final Map<String, Object> values = new LinkedHashMap<>();
    values.put("controls", text(0, 0x20));
    values.put("ascii", text(0x20, 0x80));
    values.put("c1", text(0x80, 0xa0));
    values.put("separators", "\u2028\u2029\u0085\ufeff\ufffe\uffff");
    values.put("pair", "a\ud83d\ude00b");
    values.put("markup", "\"}], \\\" */ --- &a *a !!x # : | > <script>${jndi:x}");
    final StringBuilder any = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      final int point = random.nextInt(0x110000);
      any.appendCodePoint(point >= 0xd800 && point < 0xe000 ? 'x' : point);
    }
    values.put("any", any.toString());
    final String json = Json.write(values);
    assertThat(json.lines()).hasSize(1);
    assertThat(json.chars().noneMatch(Character::isISOControl)).as("seed %d", seed).isTrue();
    final YamlReader reader = YamlReader.of("json", json);
    // Read as it stands: text() strips, and refuses what is blank.
    values.forEach((key, value) ->
        assertThat(reader.text(key))
            .as("seed %d: %s", seed, key)
            .isEqualTo(((String) value).strip()));
    reader.done();
  }

  private static String text(int from, int to) {
    final StringBuilder text = new StringBuilder("<");
    for (int c = from; c < to; c++) {
      text.append((char) c);
    }
    return text.append('>').toString();
  }

  @Test
  void jsonOfNestedValues() {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("list", List.of(1, 2.5, true, "x", List.of(), Map.of()));
    map.put("none", null);
    assertThat(Json.write(map)).isEqualTo("{\"list\":[1,2.5,true,\"x\",[],{}],\"none\":null}");
  }
}
