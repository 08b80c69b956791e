package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.api.RuleObject;
import dev.shadowplane.control.v1.ListRulesResponse;
import dev.shadowplane.control.v1.Rule;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What {@code rule list} shows: everything that a rule says, in every format. */
final class RuleTableTest {
  private static final String WHOLE =
      "{\"name\":\"whole\",\"priority\":-7,\"match\":{\"vlan\":5,\"tunnel\":{\"type\":\"vxlan\","
          + "\"vni\":42},\"inner\":{\"hosts\":[\"10.1.0.1\",\"10.1.0.2\"],\"protocol\":\"tcp\"},"
          + "\"not\":{\"dscp\":46}},\"percent\":2.5,"
          + "\"targets\":[\"port:shadow0\",\"collector:far\",\"journal\"],"
          + "\"first-packets\":10,\"first-bytes\":9000,\"every\":3,\"packets-per-second\":1000,"
          + "\"bits-per-second\":8000000,\"snap-length\":128,\"mark\":{\"dscp\":8,\"vlan\":900},"
          + "\"rewrite\":\"to-shadow\",\"anonymise\":\"hidden\"}";

  private static String printed(final Format format, final String... rules) {
    final ListRulesResponse.Builder response = ListRulesResponse.newBuilder().setVersion(4);
    for (final String rule : rules) {
      response.addRules(RuleObject.read(Json.object(rule)));
    }
    final StringWriter out = new StringWriter();
    RuleCommand.table(response.build()).print(format, new PrintWriter(out));
    return out.toString();
  }

  /** So that a field which a rule gets later is shown too. */
  @Test
  void theRuleBelowHasEveryField() {
    final Rule rule = RuleObject.read(Json.object(WHOLE));
    assertThat(rule.getAllFields().keySet()).containsAll(Rule.getDescriptor().getFields());
  }

  @Test
  void textHasAColumnForEachFieldThatSomeRuleSets() {
    final List<String> lines = printed(Format.text, WHOLE).lines().toList();
    assertThat(lines.getFirst().split(" +"))
        .containsExactly(
            "NAME",
            "PRIORITY",
            "PERCENT",
            "FIRST-PACKETS",
            "FIRST-BYTES",
            "EVERY",
            "PACKETS-PER-SECOND",
            "BITS-PER-SECOND",
            "MATCH",
            "TARGETS",
            "SNAP-LENGTH",
            "MARK",
            "REWRITE",
            "ANONYMISE");
    assertThat(lines.get(1).replaceAll(" +", " "))
        .isEqualTo(
            "whole -7 2.5 10 9000 3 1000 8000000 vlan=5 tunnel={type=vxlan vni=42}"
                + " inner={hosts=10.1.0.1,10.1.0.2 protocol=tcp} not={dscp=46}"
                + " port:shadow0,collector:far,journal 128 dscp=8 vlan=900 to-shadow hidden");
    assertThat(printed(Format.text, "{\"name\":\"a\",\"every\":2,\"targets\":[\"journal\"]}"))
        .isEqualTo(
            """
            NAME  PRIORITY  PERCENT  EVERY  MATCH  TARGETS
            a            0      100      2         journal
            """);
  }

  @Test
  void jsonIsTheRuleAsItIsWrittenInAFile() {
    final Map<String, Object> json = Json.object(printed(Format.json, WHOLE));
    assertThat(json).containsEntry("version", 4L);
    assertThat(Json.write(Objects.requireNonNull(json.get("rules")))).isEqualTo("[" + WHOLE + "]");
  }

  @Test
  void csvHasEveryColumnAlways() {
    assertThat(printed(Format.csv, "{\"name\":\"a\",\"targets\":[\"journal\"]}"))
        .isEqualTo(
            "name,priority,percent,first-packets,first-bytes,every,packets-per-second,"
                + "bits-per-second,match,targets,snap-length,mark,rewrite,anonymise\r\n"
                + "a,0,100,,,,,,,journal,,,,\r\n");
  }
}
