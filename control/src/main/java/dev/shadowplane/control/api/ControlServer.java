package dev.shadowplane.control.api;

import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.grpc.GrpcService;
import dev.shadowplane.control.security.CertificateAuthority;
import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.template.TemplateReader;
import dev.shadowplane.dataplane.analytics.AnalyticsAgent;
import dev.shadowplane.dataplane.analytics.aggregate.Aggregates;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.ipfix.IpfixAgent;
import dev.shadowplane.dataplane.ipfix.IpfixConfig;
import io.grpc.BindableService;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.OffsetEpochNanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running control: the attachment to the data plane and the analytics, each on a thread of its
 * own, and the gRPC service behind mutual TLS. It serves whether or not a data plane is there.
 */
public final class ControlServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  /** The longest message that is accepted, in bytes; the command ring takes no more either. */
  static final int MAX_REQUEST_BYTES = 4 << 20;

  /** The longest message with a template, which is checked against its own limit afterwards. */
  private static final int MAX_TEMPLATE_BYTES = TemplateReader.MAX_BYTES + (1 << 20);

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(40);
  private static final int MAX_CONNECTIONS = 1_024;
  private static final int MAX_STREAMS_PER_CONNECTION = 1_024;
  private static final int MAX_BLOCKING_THREADS = 16;
  private static final long READ_PAUSE_NS = 100_000;
  private static final long MAX_SPINS = 10;
  private static final long MAX_YIELDS = 10;
  private static final long MIN_PARK_NS = 1_000;
  private static final long MAX_PARK_NS = 500_000;
  private static final Duration QUIET_PERIOD = Duration.ofMillis(100);
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(2);

  private final StateDirectory state;
  private final ShadowServices shadows;
  private final MonitoringServices monitoring;
  private final List<AgentRunner> runners;
  private final Server server;

  private ControlServer(
      final StateDirectory state,
      final ShadowServices shadows,
      final MonitoringServices monitoring,
      final List<AgentRunner> runners,
      final Server server) {
    this.state = state;
    this.shadows = shadows;
    this.monitoring = monitoring;
    this.runners = runners;
    this.server = server;
  }

  /**
   * Starts control; when this returns it is listening.
   *
   * @param config where everything is.
   * @return the running control; to be closed.
   * @throws ConfigException if the state directory, its certificates or the address cannot be used;
   *     nothing is left running.
   */
  public static ControlServer start(final ControlConfig config) {
    final EpochNanoClock clock = new OffsetEpochNanoClock();
    final Aggregates aggregates = new Aggregates(config.flows().subnets());
    final FlowGauges gauges = new FlowGauges();
    final AnalyticsAgent analytics =
        new AnalyticsAgent(config.flows().table(), (flow, reason) -> {}, aggregates, gauges, clock);
    analytics.pauseWhenCaughtUp(READ_PAUSE_NS);
    final DataPlaneLink link = new DataPlaneLink(config.directory(), analytics.recordRings());
    final CountedRules rules = new CountedRules(link::counters, System::nanoTime);
    aggregates.ruleKeys(rules::keyOf);
    ControlServer running = null;
    try {
      running =
          start(
              config,
              link,
              new LiveFlows(analytics.queries(), clock, rules),
              agents(analytics, config.ipfix(), gauges),
              new AnalyticsCalls(
                  link,
                  new EndedFlowStreams(analytics.queries(), rules),
                  new LiveAggregates(aggregates, rules),
                  gauges));
      return running;
    } finally {
      if (running == null) {
        analytics.onClose();
      }
    }
  }

  /** Analytics first: what it ends when it closes is still told. */
  private static List<Agent> agents(
      final AnalyticsAgent analytics, final List<IpfixConfig> collectors, final FlowGauges gauges) {
    final List<Agent> agents = new ArrayList<>();
    agents.add(analytics);
    for (final IpfixConfig collector : collectors) {
      final IpfixAgent agent =
          new IpfixAgent(
              collector, analytics.queries().subscribe(false, IpfixAgent.QUEUE_CAPACITY));
      gauges.with(agent::gauges);
      agents.add(agent);
    }
    return agents;
  }

  static ControlServer start(
      final ControlConfig config,
      final DataPlaneLink link,
      final FlowSource flows,
      final List<Agent> agents,
      final BindableService... further) {
    final StateDirectory state = StateDirectory.take(config.state());
    final List<BindableService> services = new ArrayList<>(List.of(further));
    services.add(new ShadowplaneService(link, flows, new JournalExports(config)));
    services.add(new ReplayCalls(link));
    services.add(new SessionCalls(config.shadows().directory()));
    services.add(new ReplicationCalls(config.shadows().directory()));
    ShadowServices shadows = null;
    MonitoringServices monitoring = null;
    ControlServer running = null;
    try {
      shadows = ShadowServices.open(config, link);
      monitoring = MonitoringServices.open(config, link, shadows.monitored());
      services.addAll(monitoring.services());
      running = start(config, state, link, shadows, monitoring, agents, services);
      return running;
    } catch (IOException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    } finally {
      if (running == null) {
        if (monitoring != null) {
          monitoring.close();
        }
        if (shadows != null) {
          shadows.close();
        }
        release(state);
      }
    }
  }

  private static ControlServer start(
      final ControlConfig config,
      final StateDirectory state,
      final DataPlaneLink link,
      final ShadowServices shadows,
      final MonitoringServices monitoring,
      final List<Agent> agents,
      final List<BindableService> services)
      throws IOException {
    final PkiFiles pki = PkiFiles.of(config.state());
    CertificateAuthority.ensure(pki, config.listen().host(), Instant.now());
    final Server server = build(config, pki, services, shadows.services());
    try {
      server.start().join();
    } catch (CompletionException e) {
      throw new ConfigException(
          "control cannot listen on "
              + config.listen()
              + " ("
              + rootMessage(e)
              + "): stop what uses the address, or set another 'listen'");
    }
    final List<AgentRunner> runners = new ArrayList<>();
    for (final Agent agent : agents) {
      runners.add(run(agent, thrown -> LOG.error("{}: {}", agent.roleName(), thrown.toString())));
    }
    shadows.start();
    monitoring.start();
    // Last, so that it is closed last: the others have let go of its rings by then.
    runners.add(run(link.agent(), link::obstructed));
    return new ControlServer(state, shadows, monitoring, runners, server);
  }

  private static AgentRunner run(final Agent agent, final ErrorHandler onError) {
    final AgentRunner runner =
        new AgentRunner(
            new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK_NS, MAX_PARK_NS),
            onError,
            null,
            agent);
    AgentRunner.startOnThread(runner);
    return runner;
  }

  private static Server build(
      final ControlConfig config,
      final PkiFiles pki,
      final List<BindableService> services,
      final List<BindableService> shadows) {
    final InetSocketAddress address =
        new InetSocketAddress(config.listen().host(), config.listen().port());
    if (address.isUnresolved()) {
      throw new ConfigException(
          "'listen' "
              + config.listen()
              + " names no known host: write an address of this host, such as 127.0.0.1");
    }
    final ServerBuilder builder =
        Server.builder()
            .port(address, SessionProtocol.HTTPS)
            .tls(TlsKeyPair.of(pki.serverKey().toFile(), pki.serverCertificate().toFile()))
            .tlsCustomizer(tls ->
                tls.trustManager(pki.authorityCertificate().toFile())
                    .clientAuth(ClientAuth.REQUIRE))
            .maxNumConnections(MAX_CONNECTIONS)
            .http2MaxStreamsPerConnection(MAX_STREAMS_PER_CONNECTION)
            // Services bound each message, and refuse it by its first bytes in gRPC's own words.
            .maxRequestLength(0)
            .requestTimeout(CALL_TIMEOUT)
            .blockingTaskExecutor(MAX_BLOCKING_THREADS)
            .gracefulShutdownTimeout(QUIET_PERIOD, SHUTDOWN_TIMEOUT)
            .connectionDrainDuration(Duration.ZERO)
            .disableServerHeader();
    return builder
        .service(
            GrpcService.builder()
                .addServices(services.toArray(BindableService[]::new))
                .maxRequestMessageLength(MAX_REQUEST_BYTES)
                .build())
        .service(
            GrpcService.builder()
                .addServices(shadows.toArray(BindableService[]::new))
                .maxRequestMessageLength(MAX_TEMPLATE_BYTES)
                .build())
        .build();
  }

  /**
   * The port it listens on.
   *
   * @return the port, also where the configuration left the choice to the system.
   */
  public int port() {
    return server.activeLocalPort();
  }

  /** Ends streams and calls, leaves the data plane, and frees the state directory. */
  @Override
  public void close() {
    server.stop().join();
    monitoring.close();
    shadows.close();
    runners.forEach(AgentRunner::close);
    release(state);
  }

  private static void release(final StateDirectory state) {
    try {
      state.close();
    } catch (IOException e) {
      LOG.warn("the lock of the state directory: {}", e.getMessage());
    }
  }

  private static String rootMessage(final Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
