package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.security.CertificateAuthority;
import dev.shadowplane.control.security.PkiFiles;
import dev.shadowplane.control.v1.AnalyticsGrpc;
import dev.shadowplane.control.v1.GetFlowGaugesRequest;
import dev.shadowplane.control.v1.GetStatusRequest;
import dev.shadowplane.control.v1.ShadowplaneGrpc;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.ipfix.IpfixConfig;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect, and what a second control may not take. */
@Timeout(60)
class ControlStartTest {
  @TempDir private static Path folder;
  private static ControlConfig config;
  private static PkiFiles pki;
  private static ControlServer server;

  @BeforeAll
  static void start() throws Exception {
    config =
        new ControlConfig(
            folder.resolve("shm"),
            folder.resolve("state"),
            new Endpoint("127.0.0.1", 0),
            null,
            List.of(),
            null,
            FlowsConfig.DEFAULT,
            List.of(),
            ShadowsConfig.DEFAULT,
            MonitoringConfig.DEFAULT);
    pki = PkiFiles.of(config.state());
    server = ControlServer.start(config);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void letsTheOperatorIn() throws Exception {
    assertThat(controlPid(TestClient.operator(pki))).isEqualTo(ProcessHandle.current().pid());
  }

  @Test
  void refusesAClientWithoutACertificate() throws Exception {
    assertNoWay(
        TlsChannelCredentials.newBuilder()
            .trustManager(pki.authorityCertificate().toFile())
            .build());
  }

  @Test
  void refusesAClientWithoutTls() {
    assertNoWay(InsecureChannelCredentials.create());
  }

  @Test
  void refusesTheServersCertificateFromAClient() throws Exception {
    assertNoWay(
        TlsChannelCredentials.newBuilder()
            .trustManager(pki.authorityCertificate().toFile())
            .keyManager(pki.serverCertificate().toFile(), pki.serverKey().toFile())
            .build());
  }

  @Test
  void refusesACertificateOfAnotherAuthority() throws Exception {
    final PkiFiles other = PkiFiles.of(folder.resolve("other"));
    CertificateAuthority.ensure(other, "127.0.0.1", Instant.now());
    assertNoWay(
        TlsChannelCredentials.newBuilder()
            .trustManager(pki.authorityCertificate().toFile())
            .keyManager(other.operatorCertificate().toFile(), other.operatorKey().toFile())
            .build());
  }

  @Test
  void takesAStateDirectoryForItselfAlone() {
    assertThatThrownBy(() -> ControlServer.start(config))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "another control (process "
                + ProcessHandle.current().pid()
                + ") uses 'state' "
                + config.state()
                + ": stop it, or set another 'state'");
  }

  @Test
  void namesAnAddressThatIsTakenAndLeavesNothing() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      final ControlConfig other =
          new ControlConfig(
              config.directory(),
              folder.resolve("state2"),
              new Endpoint("127.0.0.1", taken.getLocalPort()),
              null,
              List.of(),
              null,
              FlowsConfig.DEFAULT,
              List.of(),
              ShadowsConfig.DEFAULT,
              MonitoringConfig.DEFAULT);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> ControlServer.start(other))
            .isInstanceOf(ConfigException.class)
            .hasMessageStartingWith("control cannot listen on " + other.listen())
            .hasMessageContaining("set another 'listen'");
      }
    }
  }

  /** Each has a connection of its own for as long as control runs. */
  @Test
  void connectsToCollectorsOfFlows() throws Exception {
    try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      final ControlConfig other =
          new ControlConfig(
              config.directory(),
              folder.resolve("state3"),
              new Endpoint("127.0.0.1", 0),
              null,
              List.of(),
              null,
              FlowsConfig.DEFAULT,
              List.of(collector(one), collector(two)),
              ShadowsConfig.DEFAULT,
              MonitoringConfig.DEFAULT);
      final Socket first;
      final Socket second;
      try (ControlServer telling = ControlServer.start(other)) {
        first = one.accept();
        second = two.accept();
        final ManagedChannel channel =
            TestClient.channel(telling, TestClient.operator(PkiFiles.of(other.state())));
        try {
          for (final IpfixConfig collector : other.ipfix()) {
            final String gauge = "ipfix." + collector.target() + ".connected";
            TestClient.until(() ->
                AnalyticsGrpc.newBlockingStub(channel)
                        .getFlowGauges(GetFlowGaugesRequest.getDefaultInstance())
                        .getGaugesOrThrow(gauge)
                    == 1);
          }
        } finally {
          channel.shutdownNow();
        }
      }
      try (first;
          second) {
        assertThat(first.getInputStream().read()).isEqualTo(-1);
        assertThat(second.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  private static IpfixConfig collector(final ServerSocket socket) {
    return IpfixConfig.of(IpfixConfig.Transport.TCP, "127.0.0.1", socket.getLocalPort());
  }

  private static void assertNoWay(final ChannelCredentials credentials) {
    assertThatThrownBy(() -> controlPid(credentials))
        .extracting(Status::fromThrowable)
        .extracting(Status::getCode)
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  private static long controlPid(final ChannelCredentials credentials) {
    final ManagedChannel channel = TestClient.channel(server, credentials);
    try {
      return ShadowplaneGrpc.newBlockingStub(channel)
          .getStatus(GetStatusRequest.getDefaultInstance())
          .getControlPid();
    } finally {
      channel.shutdownNow();
    }
  }
}
