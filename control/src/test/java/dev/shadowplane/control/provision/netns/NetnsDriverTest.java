package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Networks of real namespaces, services that real programs talk to. */
@EnabledIf("dev.shadowplane.control.provision.netns.NetnsLab#isRoot")
class NetnsDriverTest {
  @Test
  void shouldMakeANetworkWhoseFiltersHoldAndDeleteIt() throws Exception {
    try (NetnsLab lab = new NetnsLab()) {
      final NetnsDriver driver = lab.driver();
      final NetworkItem network = lab.network(null, false);
      final VmItem a = lab.vm("a", "front", 10, List.of());
      final VmItem b =
          lab.vm("b", "front", 11, List.of(NetnsLab.allow(Protocol.TCP, "80", "10.71.1.0/24")));
      final VmItem c =
          lab.vm(
              "c",
              "back",
              10,
              List.of(NetnsLab.allow(Protocol.TCP, "8080", "fd71:1::a", "10.71.1.10")));
      final ServiceItem web = lab.web("b", 80);
      final ServiceItem other = lab.web("c", 8080);
      lab.make(driver, network, a, b, c, web, other);

      final List<Observed> observed = driver.observe(lab.network);
      assertThat(observed)
          .extracting(Observed::item)
          .containsExactlyInAnyOrder(network, a, b, c, web, other);
      assertThat(observed)
          .allSatisfy(found -> {
            assertThat(found.deviations()).isEmpty();
            assertThat(found.passing()).isTrue();
          });
      assertThat(lab.get("a", "http://10.71.1.11/")).isEqualTo("::ffff:10.71.1.10");
      assertThat(lab.get("a", "http://10.71.2.10:8080/")).isEqualTo("::ffff:10.71.1.10");
      assertThat(lab.get("b", "http://10.71.2.10:8080/")).isEmpty();
      assertThat(lab.get("c", "http://10.71.1.11/")).isEmpty();
      lab.delete(driver);
      assertThat(driver.observe(lab.network)).isEmpty();
      assertThat(lab.leftovers()).isEmpty();
    }
  }

  @Test
  void shouldSayWhatWasChangedBehindItsBackAndMakeItGoodAgain() throws Exception {
    try (NetnsLab lab = new NetnsLab()) {
      final NetnsDriver driver = lab.driver();
      final VmItem a = lab.vm("a", "front", 10, List.of(NetnsLab.allow(Protocol.TCP, "80")));
      lab.make(driver, lab.network(null, false), a, lab.web("a", 80));
      lab.in("a", "ip", "address", "delete", "10.71.1.10/24", "dev", "eth0");
      lab.in("a", "nft", "insert", "rule", "inet", "sp", "input", "accept");
      final ItemKey key = lab.key(ItemKey.Kind.VM, "a");
      assertThat(lab.observed(driver, key).deviations())
          .contains("address 10.71.1.10/24 of eth0 is missing")
          .anyMatch(line -> line.startsWith("firewall rule 1 of chain inet sp input"));
      lab.make(driver, a);
      assertThat(driver.observe(lab.network)).allMatch(found -> found.deviations().isEmpty());
      assertThat(lab.get("a", "http://10.71.1.10/")).isEqualTo("::ffff:10.71.1.10");
    }
  }
}
