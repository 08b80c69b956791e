package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Sessions are driven under the addresses of clients that are not there. */
@EnabledIf("dev.shadowplane.control.provision.netns.NetnsLab#isRoot")
class FeedTest {
  private static final List<String> CLIENTS =
      List.of("203.0.113.7", "10.71.1.77", "10.71.2.77", "2001:db8::7", "fd71:1::77", "fd71:2::77");

  @Test
  void shouldConnectUnderAnyAddressThatNoVmHas() throws Exception {
    try (NetnsLab lab = new NetnsLab()) {
      final NetnsDriver driver = lab.driver();
      final VmItem a =
          lab.vm(
              "a",
              "front",
              10,
              List.of(
                  NetnsLab.allow(
                      Protocol.TCP, "80", "10.0.0.0/8", "203.0.113.7", "fd00::/8", "2001:db8::7")));
      final VmItem b =
          lab.vm("b", "front", 11, List.of(NetnsLab.allow(Protocol.TCP, "80", "203.0.113.8")));
      lab.make(driver, lab.network(null, true), a, b, lab.web("a", 80), lab.web("b", 80));
      for (final String client : CLIENTS) {
        final boolean ipv6 = client.indexOf(':') >= 0;
        final String url = ipv6 ? "http://[fd71:1::10]/" : "http://10.71.1.10/";
        assertThat(lab.get("feed", url, "--interface", client))
            .as(client)
            .isEqualTo(ipv6 ? client : "::ffff:" + client);
      }
      // A security group sees the client, not the feed.
      assertThat(lab.get("feed", "http://10.71.1.11/", "--interface", "203.0.113.7")).isEmpty();
      assertThat(lab.get("feed", "http://10.71.1.11/", "--interface", "203.0.113.8"))
          .isEqualTo("::ffff:203.0.113.8");
      assertThat(driver.observe(lab.network)).allMatch(found -> found.deviations().isEmpty());

      // VMs still reach each other, also by IPv6, which then goes by the router.
      assertThat(lab.get("b", "http://[fd71:1::10]/")).isEqualTo("fd71:1::11");
      assertThat(lab.get("b", "http://10.71.1.10/")).isEqualTo("::ffff:10.71.1.11");

      // An address that a VM gets is no longer the feed's.
      final VmItem c = lab.vm("c", "back", 77, List.of());
      lab.make(driver, c);
      assertThat(lab.get("feed", "http://10.71.1.10/", "--interface", "10.71.2.77", "-m", "1"))
          .isEmpty();
      assertThat(lab.get("c", "http://10.71.1.10/")).isEqualTo("::ffff:10.71.2.77");
      assertThat(lab.get("feed", "http://10.71.1.10/", "--interface", "10.71.2.78"))
          .isEqualTo("::ffff:10.71.2.78");
      assertThat(lab.observed(driver, lab.key(ItemKey.Kind.NETWORK, lab.network)).deviations())
          .isEmpty();
    }
  }
}
