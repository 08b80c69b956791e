package dev.shadowplane.control.provision.netns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.control.model.Protocol;
import dev.shadowplane.control.provision.Item.Filter;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Nothing leads out of a network and nothing into it: tried from every side. */
@EnabledIf("dev.shadowplane.control.provision.netns.NetnsLab#isRoot")
class IsolationTest {
  private static final List<Filter> ANYTHING = List.of(NetnsLab.allow(Protocol.ANY, null));

  /** Listens on a port of every address, and on a name without a file; prints the port. */
  private static final String LISTEN =
      """
      import socket, sys
      s = socket.socket(socket.AF_INET6); s.bind(('::', 0)); s.listen(64)
      a = socket.socket(socket.AF_UNIX); a.bind('\\0' + sys.argv[1]); a.listen(64)
      print(s.getsockname()[1], flush=True)
      sys.stdin.read()
      """;

  /** Tries to reach addresses at a port, by TCP and UDP, and a name; prints what it reached. */
  private static final String TRY =
      """
      import socket, sys
      name, port, addresses = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
      for address in addresses:
          family = socket.AF_INET6 if ':' in address else socket.AF_INET
          s = socket.socket(family); s.settimeout(0.4)
          try:
              s.connect((address, port)); print('tcp', address)
          except OSError: pass
      try:
          a = socket.socket(socket.AF_UNIX); a.connect('\\0' + name); print('name', name)
      except OSError: pass
      """;

  @Test
  void shouldLetNothingOutAndNothingIn() throws Exception {
    try (NetnsLab lab = new NetnsLab();
        NetnsLab other = new NetnsLab()) {
      final NetnsDriver driver = lab.driver();
      final NetnsDriver neighbour = other.driver();
      // Filters that allow everything: it is the network that has no way out. The feed has every
      // address.
      lab.make(
          driver, lab.network(null, true), lab.vm("a", "front", 10, ANYTHING), lab.web("a", 80));
      other.make(
          neighbour,
          other.network(null, false),
          other.vm("b", "front", 55, ANYTHING),
          other.web("b", 80));
      assertThat(other.get("b", "http://10.71.1.55/")).as("the neighbour listens").isNotEmpty();

      final String name = "shadowplane-isolation-" + lab.network;
      final Process host = new ProcessBuilder("python3", "-c", LISTEN, name).start();
      try (BufferedReader said =
          new BufferedReader(
              new InputStreamReader(host.getInputStream(), StandardCharsets.UTF_8))) {
        final String port = said.readLine();
        final List<String> addresses = hostAddresses();
        assertThat(tried(List.of(), name, port, addresses))
            .as("the host reaches itself")
            .hasSize(addresses.size() + 1);

        final List<String> outside = new ArrayList<>(addresses);
        outside.addAll(List.of("10.71.1.55", "fd71:1::55", "1.1.1.1", "169.254.169.254"));
        for (final String namespace :
            List.of(Layout.vm(lab.network, "a"), Layout.router(lab.network))) {
          final List<String> enter = List.of("nsenter", "--net=/run/netns/" + namespace);
          assertThat(tried(enter, name, port, outside)).as("as root in " + namespace).isEmpty();
          final List<String> user = new ArrayList<>(enter);
          user.addAll(List.of("setpriv", "--reuid", "61200", "--regid", "61200", "--clear-groups"));
          assertThat(tried(user, name, port, outside)).as("as a user in " + namespace).isEmpty();
        }
        assertThat(lab.get("a", "http://10.71.1.55/")).as("the neighbour, from a VM").isEmpty();
        // Whatever answers there, out on the host's own network, is not the VM.
        for (final String url : List.of("http://10.71.1.10/", "http://[fd71:1::10]/")) {
          assertThat(NetnsLab.onHost("curl", "-s", "-g", "--noproxy", "*", "-m", "2", url).output())
              .as("a VM, from the host")
              .doesNotStartWith("::ffff:")
              .doesNotStartWith("fd71:");
        }
        final List<String> b =
            List.of("nsenter", "--net=/run/netns/" + Layout.vm(other.network, "b"));
        assertThat(tried(b, name, "80", List.of("10.71.1.10", "fd71:1::10")))
            .as("a VM, from the neighbour")
            .isEmpty();
      } finally {
        host.getOutputStream().close();
        host.waitFor();
      }
      // No link of a namespace has its other end anywhere but in the same network.
      final String links =
          lab.in("", "ip", "-d", "link", "show").output()
              + lab.in("a", "ip", "-d", "link").output()
              + lab.in("feed", "ip", "-d", "link").output();
      assertThat(links.lines().filter(line -> line.contains("link-netns")))
          .allMatch(line -> line.contains("link-netns sp-" + lab.network));
    }
  }

  private static List<String> hostAddresses() throws Exception {
    final List<String> addresses = new ArrayList<>();
    for (final String line :
        NetnsLab.onHost("ip", "-o", "addr", "show", "scope", "global").output().lines().toList()) {
      addresses.add(line.replaceFirst(".* inet6? ([^/ ]+).*", "$1").strip());
    }
    addresses.add("127.0.0.1");
    return addresses;
  }

  private static List<String> tried(
      final List<String> prefix, final String name, final String port, final List<String> addresses)
      throws Exception {
    final List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("/usr/bin/python3", "-c", TRY, name, port));
    command.addAll(addresses);
    final Commands.Result result = new Commands(60_000).attempt("", command);
    assertThat(result.status()).as(result.complaint()).isZero();
    return result.output().lines().toList();
  }
}
