package dev.shadowplane.control.provision.netns;

import dev.shadowplane.control.provision.Item.ServiceItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import java.util.List;
import java.util.regex.Pattern;

/** Asks a service what it tells of itself, from within its VM, at the address that clients use. */
final class MetricsReader {
  private static final int MAX_CHARACTERS = 1 << 20;
  private static final String SECONDS = "2";
  private static final Pattern PATH = Pattern.compile("/[!-~]{0,255}");

  private final Host host;
  private final Probe probe;

  MetricsReader(final Host host, final Probe probe) {
    this.host = host;
    this.probe = probe;
  }

  /** The answer to a GET request, at most 1 MiB of it, within two seconds. */
  String read(final ItemKey key, final String path) throws ProvisionException {
    if (!PATH.matcher(path).matches()) {
      throw new IllegalArgumentException(
          "the path of metrics is none: write / and at most 255 printable ASCII characters");
    }
    final Entry entry = host.records().get(key);
    if (entry == null || !(entry.item() instanceof ServiceItem service)) {
      throw new ProvisionException(key + " is not there");
    }
    final String url = probe.url(service) + path;
    final Commands.Result result =
        host.commands()
            .attempt(
                "",
                List.of(
                    Commands.inNamespace(
                        Layout.vm(service.network(), service.vm()),
                        "curl",
                        "-q",
                        "-s",
                        "-S",
                        "-g",
                        "-f",
                        "--noproxy",
                        "*",
                        "--proto",
                        "=http",
                        "-m",
                        SECONDS,
                        "--max-filesize",
                        Integer.toString(MAX_CHARACTERS),
                        "--",
                        url)));
    if (result.status() != 0) {
      throw new ProvisionException("GET " + url + " failed: " + result.complaint());
    }
    if (result.output().length() > MAX_CHARACTERS) {
      throw new ProvisionException("GET " + url + " was answered with more than 1 MiB");
    }
    return result.output();
  }
}
