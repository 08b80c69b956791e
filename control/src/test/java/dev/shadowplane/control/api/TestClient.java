package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.security.PkiFiles;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a client of control needs in tests. */
final class TestClient {
  private TestClient() {}

  static ChannelCredentials operator(final PkiFiles pki) throws IOException {
    return TlsChannelCredentials.newBuilder()
        .trustManager(pki.authorityCertificate().toFile())
        .keyManager(pki.operatorCertificate().toFile(), pki.operatorKey().toFile())
        .build();
  }

  static ManagedChannel channel(final ControlServer server, final ChannelCredentials credentials) {
    return OkHttpChannelBuilder.forAddress("127.0.0.1", server.port(), credentials).build();
  }

  static void assertStatus(final ThrowingCallable call, final Status.Code code, final String part) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            thrown -> {
              assertThat(thrown.getStatus().getCode()).isEqualTo(code);
              assertThat(thrown.getStatus().getDescription()).contains(part);
            });
  }

  static void until(final BooleanSupplier condition) {
    final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the condition came true within 20 s").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
