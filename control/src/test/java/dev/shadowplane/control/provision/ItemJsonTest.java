package dev.shadowplane.control.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.model.Route;
import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item.AgentItem;
import dev.shadowplane.control.provision.Item.Attachment;
import dev.shadowplane.control.provision.Item.Filter;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.Segment;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.Item.VmNic;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.PortRanges;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemJsonTest {
  private static final IpPrefix SUBNET = IpPrefix.of("10.0.0.0/24");
  private static final Filter WEB =
      new Filter(true, Protocol.TCP, PortRanges.of("80,8000-8099"), List.of(SUBNET));
  private static final List<Item> ITEMS =
      List.of(
          new NetworkItem(
              "shop",
              List.of(
                  new Segment(
                      "front",
                      List.of(SUBNET, IpPrefix.of("2001:db8::/64")),
                      List.of("10.0.0.1", "2001:db8::1"),
                      List.of(WEB),
                      null)),
              new Attachment("shadow-net", "front"),
              true),
          new NetworkItem("bare", List.of(), null, false),
          new VmItem(
              "shop",
              "web-1",
              0.5,
              256L << 20,
              List.of(
                  new VmNic(
                      "eth0",
                      "front",
                      MacAddress.of("02:00:00:00:00:05"),
                      List.of("10.0.0.5/24"),
                      List.of(new Route(IpPrefix.of("0.0.0.0/0"), "10.0.0.1")))),
              List.of(WEB),
              List.of(new Filter(true, Protocol.ANY, null, List.of())),
              false),
          new ServiceItem(
              "shop",
              "web-1",
              "web",
              80,
              List.of("/usr/bin/python3", "-m", "http.server", "\"$(reboot)\"\u0000\n"),
              Map.of("B", "2", "A", "1", "C", ""),
              new ServiceCheck(ServiceCheck.Kind.HTTP, "/", 1_000)),
          new ServiceItem("shop", "db", "db", 6379, List.of(), Map.of(), null),
          new AgentItem("shop", "feed", AgentItem.Kind.FEED, "{\"speed\":1.0}"));

  @Test
  void readsWhatItWrites() {
    for (final Item item : ITEMS) {
      assertThat(ItemJson.read(ItemJson.write(item), Item.class)).isEqualTo(item);
      final Step put = new Step.Put(item);
      assertThat(ItemJson.read(ItemJson.write(put), Step.class)).isEqualTo(put);
      final Step delete = new Step.Delete(item.key());
      assertThat(ItemJson.read(ItemJson.write(delete), Step.class)).isEqualTo(delete);
      final Observed observed = new Observed(item.key(), item, List.of("a is missing"), false);
      assertThat(ItemJson.read(ItemJson.write(observed), Observed.class)).isEqualTo(observed);
    }
    final Observed unknown = new Observed(ITEMS.getFirst().key(), null, List.of(), true);
    assertThat(ItemJson.read(ItemJson.write(unknown), Observed.class)).isEqualTo(unknown);
    final Usage usage = new Usage(ITEMS.get(2).key(), 1, 2, 3, 4, 0.5, 6, 7, 8, 9);
    assertThat(ItemJson.read(ItemJson.write(usage), Usage.class)).isEqualTo(usage);
  }

  @Test
  void writesTheFormThatOrchestratorsRead() {
    assertThat(ItemJson.write(new Step.Put(ITEMS.get(2))))
        .isEqualTo(
            """
            {"step":"put","item":{"item":"vm","network":"shop","vm":"web-1","cpus":0.5,"memoryBytes":268435456,\
            "nics":[{"name":"eth0","segment":"front","mac":"02:00:00:00:00:05","addresses":["10.0.0.5/24"],\
            "routes":[{"destination":"0.0.0.0/0","via":"10.0.0.1"}]}],\
            "ingress":[{"allow":true,"protocol":"TCP","ports":"80,8000-8099","peers":["10.0.0.0/24"]}],\
            "egress":[{"allow":true,"protocol":"ANY","peers":[]}],"observer":false}}\
            """);
    assertThat(ItemJson.write(ITEMS.get(3))).contains("{\"A\":\"1\",\"B\":\"2\",\"C\":\"\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"item\":\"host\"};                                                              host",
        "{\"item\":\"agent\",\"network\":\"a\",\"name\":\"b\",\"kind\":\"FEED\"};          configuration",
        "{\"item\":\"agent\",\"network\":null,\"name\":\"b\",\"kind\":\"FEED\",\"configuration\":\"\"}; network",
        "{\"item\":\"agent\",\"network\":7,\"name\":\"b\",\"kind\":\"FEED\",\"configuration\":\"\"}; network",
        "{\"item\":\"agent\",\"network\":\"a\",\"name\":\"b\",\"kind\":\"ROOT\",\"configuration\":\"\"}; ROOT",
        "{\"item\":\"agent\",\"network\":\"a\",\"network\":\"a\",\"name\":\"b\",\"kind\":\"FEED\",\"configuration\":\"\"}; network",
        "{\"item\":\"agent\",\"network\":\"a\",\"name\":\"b\",\"kind\":\"FEED\",\"configuration\":\"\",\"uid\":0}; uid",
        "{\"item\":\"network\",\"network\":\"a\",\"segments\":[null],\"feed\":true};      segments",
        "{\"item\":\"network\",\"network\":\"a\",\"segments\":[]};                        feed",
        "{\"item\":\"network\",\"network\":\"a\",\"segments\":[],\"feed\":true} {};       Item",
        "{\"item\":\"service\",\"network\":\"a\",\"vm\":\"b\",\"service\":\"c\",\"port\":1.5,\"command\":[],\"environment\":{}}; port",
        "{\"item\":\"service\",\"network\":\"a\",\"vm\":\"b\",\"service\":\"c\",\"port\":1,\"command\":[],\"environment\":{\"a\":null}}; environment",
        "null;                                                                            null",
        "[];                                                                              Item",
        "``;                                                                              Item"
      })
  void refusesWhatIsNone(final String text, final String part) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemJson.read(text, Item.class))
        .withMessageContaining(part);
  }

  @Test
  void refusesPrefixesThatAreNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            ItemJson.read(
                ItemJson.write(ITEMS.getFirst()).replace("10.0.0.0/24", "10.0.0.0/33"), Item.class))
        .withMessageContaining("10.0.0.0/33");
  }

  @Test
  void refusesWhatIsTooLongOrTooDeep() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemJson.read(" ".repeat(ItemJson.MAX_CHARACTERS) + "{}", Item.class))
        .withMessageContaining("may have");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ItemJson.read("{\"a\":" + "[".repeat(10_000), Item.class))
        .withMessageContaining("depth");
  }
}
