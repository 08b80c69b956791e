package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.wire.ProvisionerServer;
import dev.shadowplane.control.provision.wire.RemoteProvisioner;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What services tell of themselves is read from within their VM, over the socket too. */
@EnabledIf("dev.shadowplane.control.provision.netns.NetnsLab#isRoot")
class MetricsReaderTest {
  private static final String SERVER =
      """
      import http.server, sys
      class Handler(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              self.send_response(200 if self.path != '/missing' else 404)
              self.end_headers()
              body = b'x' * (2 << 20) if self.path == '/endless' else b'up{a="b"} 1\\n'
              self.wfile.write(body)
          def log_message(self, *args): pass
      http.server.ThreadingHTTPServer(('', int(sys.argv[1])), Handler).serve_forever()
      """;

  @Test
  void readsWhatAServiceTells() throws Exception {
    try (NetnsLab lab = new NetnsLab()) {
      final NetnsDriver driver = lab.driver();
      final ServiceItem service =
          lab.service("a", "web", 9_100, "/usr/bin/python3", "-c", SERVER, "9100");
      lab.make(
          driver,
          lab.network(null, false),
          lab.vm("a", "front", 10, List.of(NetnsLab.allow(Protocol.TCP, "80"))),
          service);
      try (ProvisionerServer _ =
              new ProvisionerServer(driver, lab.folder.resolve("socket"), List.of(), -1);
          RemoteProvisioner remote = new RemoteProvisioner("netns", lab.folder.resolve("socket"))) {
        assertThat(remote.metrics(service.key(), "/metrics")).contains("up{a=\"b\"} 1\n");
        for (final String path : List.of("metrics", "/a b", "/\n", "/" + "x".repeat(256))) {
          assertThatThrownBy(() -> remote.metrics(service.key(), path))
              .isInstanceOf(ProvisionException.class)
              .hasMessageContaining("the path of metrics is none");
        }
        assertThatThrownBy(() -> remote.metrics(service.key(), "/missing"))
            .isInstanceOf(ProvisionException.class)
            .hasMessageContaining("404");
        assertThatThrownBy(() -> remote.metrics(service.key(), "/endless"))
            .isInstanceOf(ProvisionException.class)
            .hasMessageContaining("GET http://10.71.1.10:9100/endless");
        final ItemKey other = lab.key(ItemKey.Kind.SERVICE, "other.a");
        assertThatThrownBy(() -> remote.metrics(other, "/metrics"))
            .isInstanceOf(ProvisionException.class)
            .hasMessage(other + " is not there");
      }
    }
  }
}
