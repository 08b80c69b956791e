package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.analytics.FlowTableConfig;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.ipfix.IpfixConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlConfigTest {
  @TempDir private Path folder;

  @Test
  void readsEveryKey() throws Exception {
    assertThat(
            load(
                """
                directory: /dev/shm/shadowplane
                state: /var/lib/shadowplane/control
                listen: "[::1]:7471"
                journal: /var/lib/shadowplane/journal
                flows:
                  capacity: 1000
                  idle-timeout: 30s
                  active-timeout: 5m
                  subnets: [10.0.0.0/8, "2001:db8::/32"]
                """))
        .isEqualTo(
            new ControlConfig(
                Path.of("/dev/shm/shadowplane"),
                Path.of("/var/lib/shadowplane/control"),
                new Endpoint("::1", 7471),
                Path.of("/var/lib/shadowplane/journal"),
                List.of(),
                null,
                new FlowsConfig(
                    new FlowTableConfig(1_000, 30_000_000_000L, 300_000_000_000L),
                    List.of(IpPrefix.of("10.0.0.0/8"), IpPrefix.of("2001:db8::/32"))),
                List.of(),
                ShadowsConfig.DEFAULT,
                MonitoringConfig.DEFAULT));
  }

  @Test
  void takesDefaultsForWhatIsNotSaid() throws Exception {
    assertThat(load("state: /b"))
        .isEqualTo(
            new ControlConfig(
                Path.of("/run/shadowplane"),
                Path.of("/b"),
                new Endpoint("127.0.0.1", 7470),
                null,
                List.of(),
                null,
                FlowsConfig.DEFAULT,
                List.of(),
                ShadowsConfig.DEFAULT,
                MonitoringConfig.DEFAULT));
  }

  @Test
  void readsCollectors() throws Exception {
    final IpfixConfig all =
        new IpfixConfig(
            IpfixConfig.Transport.TCP, "::1", 4739, 9_000, false, 600, 20, 32_473, 0xffff_ffffL);
    final String one =
        "{ collector: '[::1]:4739', transport: tcp, mtu: 9000, biflow: false, template-seconds: 600,"
            + " template-messages: 20, enterprise: 32473, domain: 4294967295 }";
    assertThat(load("ipfix: " + one).ipfix()).containsExactly(all);
    assertThat(load("ipfix: [" + one + ", { collector: 'flows.example:1' }]").ipfix())
        .containsExactly(all, IpfixConfig.of(IpfixConfig.Transport.UDP, "flows.example", 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          state: /b;lisen: x:1           | :2: lisen: is not a key here: use one of directory, state, listen, journal, anonymisations, key-file, flows, ipfix, shadows, monitoring
          directory: a;state: /b         | :1: directory: a: is no absolute path: start it with /
          directory: /a;state: [/b]      | :2: state: is not a single value
          directory: /a;state:           | :2: state: is blank: give it a value or leave it out
          state: /b;state: /c            | :2: state: is there twice: keep one
          listen: 7470                   | :1: listen: 7470: is not HOST:PORT or [IPv6]:PORT: write for example 127.0.0.1:7470
          state: /b;listen: h:65536      | :2: listen: h:65536: has no port from 0 to 65535: write for example 127.0.0.1:7470
          listen: ::1:1                  | :1: listen: ::1:1: is not HOST:PORT or [IPv6]:PORT: write for example 127.0.0.1:7470
          ipfix: { mtu: 1400 }           | :1: ipfix.collector: is missing: add it
          ipfix: [{ collector: h:0 }]    | :1: ipfix[0].collector: h:0: has no port from 1 to 65535: write for example 192.0.2.1:4739
          ipfix: { collector: h:1, mtu: 1279 } | :1: ipfix.mtu: 1279: give a whole number from 1280 to 65535
          ipfix: { collector: h:1, transport: sctp } | :1: ipfix.transport: sctp: give udp or tcp
          ipfix: { collector: h:1, enterprise: 29305 } | :1: ipfix.enterprise: 29305: is that of reverse elements (RFC 5103): use your organisation's number
          ipfix: { collector: h:1, enterprise: 0 } | :1: ipfix.enterprise: 0: give a whole number from 1 to 4294967295
          ipfix: { collector: h:1, domain: -1 } | :1: ipfix.domain: -1: give a whole number from 0 to 4294967295
          ipfix: { collector: h:1, template-seconds: 0 } | :1: ipfix.template-seconds: 0: give a whole number from 1 to 86400
          ipfix: [{ collector: h:1 }, { collector: h:1 }] | :1: ipfix[1].collector: udp://h:1 is there twice: keep one
          ipfix: udp                     | :1: ipfix: is not a mapping: write it as key: value lines
          flows: {capacity: 1}           | :1: flows.capacity: 1: give a whole number from 16 to 33554432
          flows: {idle-timeout: 15}      | :1: flows.idle-timeout: 15: is no length of time: write 500ms, 15s, 90m, 12h or 7d
          flows: {active-timeout: 10ms}  | :1: flows.active-timeout: 10ms: give 1s to 1d
          flows: {subnets: [10/8]}       | :1: flows.subnets: 10/8: give an address or prefix as in 10.0.0.0/8 or 2001:db8::/32
          flows: {subnet: []}            | :1: flows.subnet: is not a key here: use one of capacity, idle-timeout, active-timeout, subnets
          monitoring: {max-series: 0}    | :1: monitoring.max-series: 0: give a whole number from 1 to 100000
          monitoring: {scrape-every: 1500ms} | :1: monitoring.scrape-every: 1500ms: give whole seconds, 1s to 1h
          - directory                    | :1: is not a mapping: write it as key: value lines
          """)
  void namesFileLineValueAndRemedy(final String lines, final String message) {
    assertThatThrownBy(() -> load(lines.replace(';', '\n')))
        .isInstanceOf(ConfigException.class)
        .hasMessage(folder.resolve("control.yaml") + message);
  }

  @Test
  void saysThatAFileIsMissing() {
    final Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> ControlConfig.load(missing))
        .isInstanceOf(ConfigException.class)
        .hasMessage(missing + ": cannot be read: there is no such file");
  }

  private ControlConfig load(final String text) throws IOException {
    final Path file = folder.resolve("control.yaml");
    Files.writeString(file, text);
    return ControlConfig.load(file);
  }
}
