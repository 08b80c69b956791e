package dev.shadowplane.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a virtual function, from what iproute2 6.1 prints. */
final class PortWarningsTest {
  private static final String REMEDY = "ip link set eth0 vf 1 trust on spoofchk off";

  private static String link(String spoof, String trust) {
    return """
    2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default qlen 1000
        link/ether 52:54:00:00:00:00 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0
        vf 0     link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff, spoof checking off, link-state auto, trust on
        vf 1     link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff, spoof checking %s, link-state auto, trust %s
        vf 10     link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff, spoof checking on, link-state auto, trust off
        altname enp1s0
    """
        .formatted(spoof, trust);
  }

  private static List<String> of(String link, boolean forwards, boolean promiscuous) {
    return PortWarnings.ofFunction("0000:01:10.2", "eth0", 1, link, forwards, promiscuous);
  }

  @Test
  void oneThatMayDoEverything() {
    assertThat(of(link("off", "on"), true, true)).isEmpty();
    assertThat(of("", true, true)).isEmpty();
    assertThat(of(link("off", "off"), false, false)).isEmpty();
  }

  @Test
  void oneThatIsNotTrustedWhateverItsDriverSays() {
    for (boolean promiscuous : new boolean[] {true, false}) {
      assertThat(of(link("on", "off"), true, promiscuous))
          .containsExactly(
              "0000:01:10.2 is not trusted, so promiscuous mode is refused and it receives its own"
                  + " address only: "
                  + REMEDY);
    }
  }

  @Test
  void oneWhoseSourcesAreChecked() {
    final String line =
        "0000:01:10.2 has its source addresses checked, so what it sends for others is dropped: "
            + REMEDY;
    assertThat(of(link("on", "on"), true, true)).containsExactly(line);
    assertThat(of(link("on", "off"), false, true)).containsExactly(line);
  }

  @Test
  void oneThatIsTrustedAndRefusesAllTheSame() {
    assertThat(of(link("off", "on"), true, false))
        .singleElement()
        .asString()
        .contains("refuses promiscuous mode", REMEDY, "ip link set eth0 vf 1 mac ADDRESS");
  }
}
