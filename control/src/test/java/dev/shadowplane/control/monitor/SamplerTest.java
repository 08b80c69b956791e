package dev.shadowplane.control.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.shadowplane.control.monitor.MonitoredNetwork.MeasuredService;
import dev.shadowplane.control.monitor.series.Point;
import dev.shadowplane.control.monitor.series.Selector;
import dev.shadowplane.control.monitor.series.SeriesKey;
import dev.shadowplane.control.monitor.series.SeriesStore;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.provision.Usage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every source becomes series, and one that fails or is slow has a gap of its own. */
@Timeout(60)
class SamplerTest {
  private static final long START = 1_795_000_020L;
  private static final long SECOND_NS = 1_000_000_000L;

  @TempDir private Path folder;
  private long now = START;
  private SeriesStore store;
  private final FakeProvisioner primary = new FakeProvisioner();
  private final FakeProvisioner shadow = new FakeProvisioner();
  private List<MonitoredNetwork> networks =
      List.of(network("shop", "", primary), network("shop-shadow", "shop", shadow));
  private Sampler sampler;

  /** Uses more each time that it is asked. */
  private static final class FakeProvisioner implements Provisioner {
    private volatile List<Usage> usage = List.of();
    private volatile String problem = "";
    private volatile CountDownLatch answer = new CountDownLatch(0);

    void use(final long second, final Usage... next) {
      usage =
          Arrays.stream(next)
              .map(one ->
                  new Usage(
                      one.key(),
                      second * SECOND_NS,
                      one.cpuNs(),
                      one.memoryBytes(),
                      one.memoryLimitBytes(),
                      one.cpuLimit(),
                      one.receivedBytes(),
                      one.receivedPackets(),
                      one.sentBytes(),
                      one.sentPackets()))
              .toList();
    }

    @Override
    public List<Usage> usage(final String network) throws ProvisionException {
      try {
        answer.await();
      } catch (InterruptedException e) {
        throw new ProvisionException("interrupted", e);
      }
      if (!problem.isEmpty()) {
        throw new ProvisionException(problem);
      }
      return usage;
    }

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public List<Observed> observe(final String network) {
      return List.of();
    }

    @Override
    public void carryOut(final String network, final List<Step> steps, final Listener listener) {}

    @Override
    public void onChange(final Consumer<String> listener) {}

    @Override
    public void close() {}
  }

  private static MonitoredNetwork network(
      final String name, final String shadowOf, final Provisioner provisioner) {
    return new MonitoredNetwork(name, shadowOf, provisioner, Map.of("web", 8_000L), List.of());
  }

  private static Usage web(final String network, final long cpuNs, final long received) {
    return new Usage(
        new ItemKey(network, ItemKey.Kind.VM, "web"),
        0,
        cpuNs,
        1 << 20,
        4 << 20,
        2,
        received,
        received / 100,
        7,
        1);
  }

  @BeforeEach
  void open() {
    store = SeriesStore.open(folder, 1_000, () -> now);
    sampler =
        new Sampler(
            store,
            () -> networks,
            () -> {
              throw new IllegalStateException("no data plane runs");
            },
            new HttpMetrics(),
            1);
  }

  @AfterEach
  void close() {
    primary.answer.countDown();
    sampler.close();
    store.close();
  }

  private void measure(final long second) throws InterruptedException {
    now = second;
    sampler.measure(second);
  }

  private List<Double> values(final String series) {
    return store.query(SeriesKey.parse(series), START - 5, START + 50, 1).stream()
        .map(Point::last)
        .toList();
  }

  private List<Long> times(final String series) {
    return store.query(SeriesKey.parse(series), START - 5, START + 50, 1).stream()
        .map(Point::second)
        .toList();
  }

  private SourceStatus source(final String name) {
    return sampler.sources().stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void makesRatesAndSharesOfWhatIsUsed() throws Exception {
    primary.use(START, web("shop", 0, 0));
    measure(START);
    primary.use(START + 1, web("shop", SECOND_NS, 500));
    shadow.use(START + 1, web("shop-shadow", 0, 0));
    measure(START + 1);
    // Two seconds at once, as after a gap; and the shadow's VM was started anew.
    primary.use(START + 3, web("shop", 2 * SECOND_NS, 1_500));
    shadow.use(START + 3, web("shop-shadow", SECOND_NS, 4));
    measure(START + 3);
    primary.use(START + 4, web("shop", 0, 0));
    shadow.use(START + 4, web("shop-shadow", 2 * SECOND_NS, 1_004));
    measure(START + 4);
    final String web = "{network=\"shop\",vm=\"web\"}";
    assertThat(values("vm.cpu.cores" + web)).containsExactly(1.0, 0.5);
    assertThat(values("vm.cpu.utilisation" + web)).containsExactly(0.5, 0.25);
    assertThat(values("vm.network.received-bytes" + web)).containsExactly(500.0, 500.0);
    assertThat(values("vm.network.utilisation" + web)).containsExactly(0.5, 0.5);
    assertThat(times("vm.network.received-bytes" + web)).containsExactly(START + 1, START + 3);
    assertThat(values("vm.memory.utilisation" + web)).containsExactly(0.25, 0.25, 0.25, 0.25);
    assertThat(values("vm.cpu.cores{network=\"shop-shadow\",vm=\"web\"}"))
        .containsExactly(0.5, 1.0);
  }

  @Test
  void showsBothSidesOfAVm() throws Exception {
    for (int i = 0; i < 2; i++) {
      primary.use(START + i, web("shop", i * SECOND_NS, 0));
      shadow.use(
          START + i,
          web("shop-shadow", i * SECOND_NS / 2, 0),
          new Usage(
              new ItemKey("shop-shadow", ItemKey.Kind.NETWORK, "shop-shadow"),
              0,
              0,
              5,
              0,
              0,
              0,
              0,
              0,
              0));
      measure(START + i);
    }
    for (final String name : List.of("shop", "shop-shadow")) {
      final UsageComparison usage = sampler.usage(name).orElseThrow();
      assertThat(usage.second()).isEqualTo(START + 1);
      assertThat(usage.primary()).isEqualTo("shop");
      assertThat(usage.shadow()).isEqualTo("shop-shadow");
      assertThat(usage.rows()).extracting(UsageComparison.Row::vm).containsExactly("", "web");
      final UsageComparison.Row whole = usage.rows().getFirst();
      assertThat(whole.primary()).isNull();
      assertThat(whole.shadow()).extracting(VmUsage::memoryBytes).isEqualTo(5.0);
      final UsageComparison.Row web = usage.rows().getLast();
      assertThat(web.primary()).extracting(VmUsage::cpuCores).isEqualTo(1.0);
      assertThat(web.shadow()).extracting(VmUsage::cpuCores).isEqualTo(0.5);
    }
    assertThat(sampler.usage("other")).isEmpty();
  }

  @Test
  void leavesAGapWhereASourceFailsOrIsSlow() throws Exception {
    final String memory = "vm.memory.bytes{network=\"shop\",vm=\"web\"}";
    final String other = "vm.memory.bytes{network=\"shop-shadow\",vm=\"web\"}";
    primary.use(START, web("shop", 0, 0));
    shadow.use(START, web("shop-shadow", 0, 0));
    measure(START);
    primary.problem = "the socket is gone";
    measure(START + 1);
    assertThat(source("usage of network shop"))
        .isEqualTo(new SourceStatus("usage of network shop", START, 1, "the socket is gone"));
    assertThat(sampler.usage("shop").orElseThrow().rows())
        .extracting(UsageComparison.Row::primary)
        .containsExactly((VmUsage) null);
    primary.problem = "";
    primary.answer = new CountDownLatch(1);
    measure(START + 2);
    measure(START + 3);
    assertThat(source("usage of network shop").problem())
        .isEqualTo("did not answer within " + Sampler.DEADLINE_MS + " ms");
    assertThat(source("usage of network shop").missed()).isEqualTo(3);
    primary.answer.countDown();
    long second = START + 4;
    while (!source("usage of network shop").problem().isEmpty()) {
      measure(second++);
    }
    assertThat(times(memory)).containsExactly(START, second - 1);
    assertThat(times(other)).hasSize((int) (second - START));
    assertThat(source("ports of the data plane").problem()).isEqualTo("no data plane runs");
    assertThat(source("this host").problem()).isEmpty();
  }

  @Test
  void followsNetworksThatComeAndGo() throws Exception {
    primary.use(START, web("shop", 0, 0));
    measure(START);
    networks = List.of();
    measure(START + 1);
    assertThat(sampler.usage("shop")).isEmpty();
    assertThat(sampler.sources()).extracting(SourceStatus::name).hasSize(2);
    networks = List.of(network("shop", "", primary));
    measure(START + 2);
    assertThat(times("vm.memory.bytes{network=\"shop\",vm=\"web\"}"))
        .containsExactly(START, START + 2);
  }

  @Test
  void asksServicesForTheirMetrics() throws Exception {
    final HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    final StringBuilder text = new StringBuilder();
    server.createContext(
        "/metrics",
        exchange -> {
          final byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(
              body.length == 0 ? 503 : 200, body.length == 0 ? -1 : body.length);
          if (body.length > 0) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
    try {
      final MeasuredService web =
          new MeasuredService(
              "web", "http", "127.0.0.1", server.getAddress().getPort(), "/metrics");
      networks = List.of(new MonitoredNetwork("shop", "", null, Map.of(), List.of(web)));
      text.append("temperature{room=\"a\",vm=\"lie\"} 21.5\nx_bucket{le=\"1\"} 4\n");
      measure(START);
      assertThat(values("app.temperature{network=\"shop\",room=\"a\",service=\"http\",vm=\"web\"}"))
          .containsExactly(21.5);
      assertThat(store.list(Selector.parse("app.x*"))).isEmpty();
      text.setLength(0);
      measure(START + 1);
      assertThat(source("metrics of shop/http.web").problem()).endsWith("answered with status 503");
      text.append("a\n");
      measure(START + 2);
      assertThat(source("metrics of shop/http.web").problem()).contains("line 1 has no number");
      text.setLength(0);
      for (int i = 0; i <= ScrapeSource.MAX_SERIES; i++) {
        text.append("many{i=\"").append(i).append("\"} 1\n");
      }
      measure(START + 3);
      assertThat(source("metrics of shop/http.web").problem()).contains("more than 500 series");
      text.setLength(0);
      text.append("x".repeat(2 << 20));
      measure(START + 4);
      assertThat(source("metrics of shop/http.web").missed()).isEqualTo(4);
    } finally {
      server.stop(0);
    }
  }

  /** At the address of a shadow's VM there is production. */
  @Test
  void neverAsksProductionForAShadow() throws Exception {
    final MeasuredService web = new MeasuredService("web", "http", "127.0.0.1", 1, "/metrics");
    networks = List.of(new MonitoredNetwork("s", "shop", shadow, Map.of(), List.of(web)));
    measure(START);
    assertThat(source("metrics of s/http.web").problem())
        .isEqualTo("the provisioner of shadow s reaches no services");
  }

  @Test
  void measuresThisHost() throws Exception {
    measure(START);
    Thread.onSpinWait();
    for (int i = 1; values("host.cpu.utilisation").isEmpty(); i++) {
      measure(START + i);
    }
    assertThat(values("host.cpu.utilisation"))
        .allSatisfy(value -> assertThat(value).isBetween(0.0, 1.0));
    assertThat(values("host.memory.utilisation"))
        .allSatisfy(value -> assertThat(value).isBetween(0.0, 1.0));
  }
}
