package dev.shadowplane.dataplane.port;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.PortConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One data plane a device. */
final class PortLocksTest {
  private static final String UNIQUE = "t" + ProcessHandle.current().pid() % 100_000;

  private static PortConfig port(String name, String device) {
    return new PortConfig(name, device, 0, 32, 32);
  }

  @Test
  void aDeviceInUseIsRefusedAndNoneOfTheOthersIsHeldThen() {
    final PortConfig one = port("one", "net_af_packet,iface=" + UNIQUE + "a");
    final PortConfig two = port("two", "net_pcap,iface=" + UNIQUE + "b");
    try (PortLocks _ = new PortLocks(List.of(two))) {
      assertThatThrownBy(() -> new PortLocks(List.of(one, two)))
          .isInstanceOf(PortException.class)
          .hasMessageMatching(
              "port two: another data plane uses iface="
                  + UNIQUE
                  + "b \\(lock /[^ ]+\\): stop it or choose another device");
      assertThatCode(() -> new PortLocks(List.of(one)).close()).doesNotThrowAnyException();
    }
    assertThatCode(() -> new PortLocks(List.of(one, two)).close()).doesNotThrowAnyException();
  }

  @Test
  void devicesOfAProcessOwnNeedNoLock() {
    final List<PortConfig> ports = List.of(port("n", "net_null"), port("r", "net_ring_" + UNIQUE));
    try (PortLocks _ = new PortLocks(ports)) {
      assertThatCode(() -> new PortLocks(ports).close()).doesNotThrowAnyException();
    }
  }
}
