package dev.shadowplane.control.monitor;

import dev.shadowplane.control.monitor.MonitoredNetwork.MeasuredService;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.ProvisionException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads metrics over HTTP: through the provisioner where only that reaches a service, and else from
 * this host. Redirections are not followed.
 */
public final class HttpMetrics implements MetricsFetcher, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int OK = 200;

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  @Override
  public String fetch(final MonitoredNetwork network, final MeasuredService service)
      throws Exception {
    final Optional<String> within = within(network, service);
    if (within.isPresent()) {
      return within.get();
    }
    if (!network.shadowOf().isEmpty()) {
      // At its address there is production.
      throw new IOException("the provisioner of shadow " + network.name() + " reaches no services");
    }
    final String address =
        service.address().indexOf(':') < 0 ? service.address() : "[" + service.address() + "]";
    final URI uri = URI.create("http://" + address + ":" + service.port() + service.path());
    final HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .header("Accept", "application/openmetrics-text;q=0.9,text/plain;version=0.0.4")
                .build(),
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8),
                PrometheusText.MAX_CHARACTERS));
    if (response.statusCode() != OK) {
      throw new IOException(uri + " answered with status " + response.statusCode());
    }
    return response.body();
  }

  private static Optional<String> within(
      final MonitoredNetwork network, final MeasuredService service) throws ProvisionException {
    return network.provisioner() == null
        ? Optional.empty()
        : network
            .provisioner()
            .metrics(
                new ItemKey(
                    network.name(), ItemKey.Kind.SERVICE, service.service() + "." + service.vm()),
                service.path());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
