package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.model.ServiceCheck;
import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.Item.VmItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import java.util.List;
import java.util.Locale;

/** Asks a service whether it works, from within its VM, at the address that clients use. */
final class Probe {
  private static final String CONNECT = "exec 3<>\"/dev/tcp/$1/$2\"";
  private static final int FIRST_BAD_STATUS = 400;

  private final Host host;

  Probe(final Host host) {
    this.host = host;
  }

  /**
   * Whether it passes its check; the process is looked at elsewhere.
   *
   * @return empty if it does; else why not, for people.
   */
  String complaint(final ServiceItem service) throws ProvisionException {
    final ServiceCheck check = service.check();
    if (check == null || check.kind() == ServiceCheck.Kind.PROCESS) {
      return "";
    }
    final String address = address(service);
    final String namespace = Layout.vm(service.network(), service.vm());
    final String port = Integer.toString(service.port());
    final String seconds = String.format(Locale.ROOT, "%.3f", check.timeoutMs() / 1_000.0);
    if (check.kind() == ServiceCheck.Kind.TCP) {
      final Commands.Result result =
          host.commands()
              .attempt(
                  "",
                  List.of(
                      Commands.inNamespace(
                          namespace, "timeout", seconds, "bash", "-c", CONNECT, "check", address,
                          port)));
      return result.status() == 0
          ? ""
          : "no connection to " + address + " port " + port + " within " + seconds + " s";
    }
    final String url = url(service);
    final Commands.Result result =
        host.commands()
            .attempt(
                "",
                List.of(
                    Commands.inNamespace(
                        namespace,
                        "curl",
                        "-q",
                        "-s",
                        "-g",
                        "--noproxy",
                        "*",
                        "-o",
                        "/dev/null",
                        "-m",
                        seconds,
                        "--max-filesize",
                        "16777216",
                        "-w",
                        "%{http_code}",
                        "--",
                        url + check.path())));
    final String status = result.output().strip();
    if (result.status() == 0
        && status.matches("\\d{3}")
        && Integer.parseInt(status) < FIRST_BAD_STATUS) {
      return "";
    }
    return "GET "
        + url
        + check.path()
        + (status.matches("[1-9]\\d{2}")
            ? " was answered with status " + status
            : " was not answered within " + seconds + " s");
  }

  /** Where a service answers to HTTP, without a path. */
  String url(final ServiceItem service) throws ProvisionException {
    final String address = address(service);
    return "http://"
        + (address.indexOf(':') < 0 ? address : "[" + address + "]")
        + ":"
        + service.port();
  }

  private String address(final ServiceItem service) throws ProvisionException {
    final Entry entry =
        host.records().get(new ItemKey(service.network(), ItemKey.Kind.VM, service.vm()));
    if (entry != null && entry.item() instanceof VmItem vm) {
      for (final var nic : vm.nics()) {
        for (final String address : nic.addresses()) {
          return RouterText.bare(address);
        }
      }
    }
    throw new ProvisionException("VM " + service.vm() + " has no address to check its service at");
  }
}
