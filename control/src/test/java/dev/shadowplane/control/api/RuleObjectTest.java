package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.v1.Direction;
import dev.shadowplane.control.v1.Mark;
import dev.shadowplane.control.v1.Match;
import dev.shadowplane.control.v1.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleObjectTest {
  private static final Rule FULL =
      Rule.newBuilder()
          .setName("web")
          .setPriority(-5)
          .setPercent(12.5)
          .addTargets("port:shadow0")
          .addTargets("journal")
          .setFirstPackets(10)
          .setFirstBytes(5_000)
          .setEvery(3)
          .setPacketsPerSecond(100_000)
          .setBitsPerSecond(5_000_000_000L)
          .setSnapLength(128)
          .setMark(Mark.newBuilder().setDscp(8).setVlan(900))
          .setRewrite("to-shadow")
          .setMatch(
              Match.newBuilder()
                  .addMacs("02:00:00:00:00:01")
                  .addMacs("02:00:00:00:00:02")
                  .setVlan(7)
                  .setSource("10.0.0.0/8")
                  .setDestination("10.1.2.3")
                  .setProtocol("tcp")
                  .setSourcePorts("1024-65535")
                  .setDestinationPorts("80,8000-8099")
                  .setIngress("client")
                  .setDirection(Direction.DIRECTION_FORWARD))
          .build();

  @Test
  void writesTheObjectOfTheDataPlane() {
    assertThat(Json.write(RuleObject.write(FULL)))
        .isEqualTo(
            """
            {"name":"web","priority":-5,"match":{"macs":["02:00:00:00:00:01","02:00:00:00:00:02"],"vlan":7,\
            "source":"10.0.0.0/8","destination":"10.1.2.3","protocol":"tcp","source-ports":"1024-65535",\
            "destination-ports":"80,8000-8099","ingress":"client","direction":"forward"},"percent":12.5,\
            "targets":["port:shadow0","journal"],"first-packets":10,"first-bytes":5000,"every":3,\
            "packets-per-second":100000,"bits-per-second":5000000000,"snap-length":128,"mark":{"dscp":8,"vlan":900},\
            "rewrite":"to-shadow"}\
            """);
  }

  @Test
  void readsWhatItWrote() {
    assertThat(RuleObject.read(Json.object(Json.write(RuleObject.write(FULL))))).isEqualTo(FULL);
  }

  @Test
  void writesOneHundredPercentWhereNothingIsSaid() {
    assertThat(Json.write(RuleObject.write(Rule.newBuilder().setName("a").build())))
        .isEqualTo("{\"name\":\"a\",\"priority\":0,\"match\":{},\"percent\":100,\"targets\":[]}");
  }

  @Test
  void writesZeroPercent() {
    assertThat(RuleObject.write(Rule.newBuilder().setPercent(0).build()))
        .containsEntry("percent", 0L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"name":"a","colour":"red"}              | rule 'a' has the unknown key 'colour': the keys are [anonymise, bits-per-second, every, first-bytes, first-packets, mark, match, name, packets-per-second, percent, priority, rewrite, snap-length, targets]
          {"name":"a","match":{"port":1}}          | the match of rule 'a' has the unknown key 'port'
          {"name":"a","match":7}                   | the match of rule 'a' is 7 and should be an object
          {"name":"a","percent":"ten"}             | rule 'a': 'percent' is ten and should be a number
          {"name":"a","priority":1.5}              | rule 'a': 'priority' is 1.5 and should be a whole number
          {"name":"a","priority":3000000000}       | rule 'a': 'priority' is 3000000000 and should be a whole number of 32 bits
          {"name":"a","match":{"vlan":"x"}}        | the match of rule 'a': 'vlan' is x and should be a whole number
          {"name":"a","match":{"direction":"up"}}  | direction 'up' is unknown: write either or forward
          {"name":"a","mark":{"tos":1}}            | the mark of rule 'a' has the unknown key 'tos'
          {"name":["a"]}                           | a rule: 'name' is [a] and should be a text
          {"name":"a","targets":[{}]}              | rule 'a': 'targets' is [{}] and should be a list of texts
          """)
  void namesTheFieldThatIsWrong(final String json, final String message) {
    assertThatThrownBy(() -> RuleObject.read(Json.object(json)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void refusesAPercentageThatJsonHasNoFormFor() {
    assertThatThrownBy(() -> RuleObject.write(Rule.newBuilder().setPercent(Double.NaN).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("percent is NaN: write a number from 0 to 100");
  }

  @Test
  void refusesADirectionFromANewerContract() {
    final Rule rule = Rule.newBuilder().setMatch(Match.newBuilder().setDirectionValue(9)).build();
    assertThatThrownBy(() -> RuleObject.write(rule))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("direction 9 is unknown: write either or forward");
  }
}
