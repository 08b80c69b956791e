package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;
import dev.shadowplane.dataplane.analytics.Flow.RoundTrip;
import dev.shadowplane.dataplane.analytics.Flow.Spread;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlowMessagesTest {
  private static final Direction FULL =
      new Direction(
          1L << 40,
          2,
          3,
          0x12,
          4,
          5,
          new Measures(
              6,
              new Spread(7, 8.5, 9.5, 10, 11),
              new Spread(12, 13.5, 14.5, 15, 16),
              17,
              18,
              19,
              new RoundTrip(20, 21.5, 22, 23),
              24,
              25));
  private static final Direction LEAN = new Direction(26, 27, 28, 0, 29, 30, null);

  @ParameterizedTest
  @EnumSource(EndReason.class)
  void giveBackEveryFieldOfAFlow(final EndReason end) {
    final Details details =
        new Details("02:00:00:00:00:01", "02:00:00:00:00:02", "vxlan", 0, 33, 34, 35);
    assertBack(
        new Flow(
            "2001:db8::1", 1, "2001:db8::2", 65_535, 6, 4_094, 31, 32, FULL, LEAN, end, details));
    final Details unknown =
        new Details("02:00:00:00:00:01", "02:00:00:00:00:02", "", -1, -1, -1, -1);
    assertBack(
        new Flow("10.0.0.1", 0, "10.0.0.2", 0, 1, Flow.NO_VLAN, 1, 2, LEAN, FULL, end, unknown));
    assertBack(
        new Flow("10.0.0.1", 0, "10.0.0.2", 0, 1, Flow.NO_VLAN, 1, 2, LEAN, LEAN, end, null));
  }

  @Test
  void nameTheRule() {
    final Details details = new Details("", "", "", -1, 33, -1, -1);
    final Flow flow =
        new Flow("10.0.0.1", 0, "10.0.0.2", 0, 1, 1, 1, 2, LEAN, LEAN, EndReason.IDLE, details);
    final RuleNames names = number -> number == 33 ? "web" : "";
    assertThat(FlowMessages.message(flow, names).getDetails().getRuleName()).isEqualTo("web");
    assertThat(FlowMessages.message(flow, names).getDetails().getRule()).isEqualTo(33);
  }

  @Test
  void replaceWhatNoAddressHas() {
    final var message =
        dev.shadowplane.control.v1.Flow.newBuilder().setSrcIp("1.2.3.4\", \"x\n\u001b[2J").build();
    assertThat(FlowMessages.flow(message).srcIp()).isEqualTo("1.2.3.4????x???2J");
  }

  private static void assertBack(final Flow flow) {
    assertThat(FlowMessages.flow(FlowMessages.message(flow, RuleNames.NONE))).isEqualTo(flow);
  }
}
