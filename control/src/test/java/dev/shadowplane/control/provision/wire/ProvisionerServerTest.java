package dev.shadowplane.control.provision.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.control.provision.Item.NetworkItem;
import dev.shadowplane.control.provision.ItemKey;
import dev.shadowplane.control.provision.Observed;
import dev.shadowplane.control.provision.ProvisionException;
import dev.shadowplane.control.provision.Provisioner;
import dev.shadowplane.control.provision.Step;
import dev.shadowplane.control.provision.Usage;
import java.io.EOFException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Over a real socket, to a provisioner that answers with values of its own. */
class ProvisionerServerTest {
  private static final NetworkItem NETWORK = new NetworkItem("shop", List.of(), null, true);
  private static final Observed OBSERVED =
      new Observed(NETWORK.key(), NETWORK, List.of("interface ä is missing"), false);
  private static final Usage USAGE =
      new Usage(NETWORK.key(), 1, 2, 3, 4, 0.5, 6, 7, 8, Long.MAX_VALUE);

  private final List<Step> carriedOut = new ArrayList<>();
  private final BlockingQueue<Consumer<String>> listeners = new LinkedBlockingQueue<>();
  private Path socket;
  private ProvisionerServer server;
  private RemoteProvisioner remote;

  private final class Answering implements Provisioner {
    @Override
    public String name() {
      return "answering";
    }

    @Override
    public List<Observed> observe(final String network) throws ProvisionException {
      if (!network.equals("shop")) {
        throw new ProvisionException("the kernel is away");
      }
      return List.of(OBSERVED);
    }

    @Override
    public void carryOut(final String network, final List<Step> steps, final Listener listener) {
      carriedOut.addAll(steps);
      listener.done(steps.get(0));
      listener.failed(steps.get(1), "no room");
    }

    @Override
    public List<Usage> usage(final String network) {
      return List.of(USAGE);
    }

    @Override
    public void onChange(final Consumer<String> listener) {
      listeners.add(listener);
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen(@TempDir final Path folder) throws Exception {
    socket = folder.resolve("socket");
    server = new ProvisionerServer(new Answering(), socket, List.of(uid()), -1);
    remote = new RemoteProvisioner("netns", socket);
  }

  private static int uid() throws Exception {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  static boolean isRoot() throws Exception {
    return uid() == 0;
  }

  @AfterEach
  void close() throws Exception {
    remote.close();
    server.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void shouldAnswerWhatTheProvisionerAnswers() throws Exception {
    assertThat(remote.observe("shop")).containsExactly(OBSERVED);
    assertThat(remote.usage("shop")).containsExactly(USAGE);
    assertThatThrownBy(() -> remote.observe("other"))
        .isInstanceOf(ProvisionException.class)
        .hasMessage("the kernel is away");
    final List<Step> steps =
        List.of(new Step.Put(NETWORK), new Step.Delete(new ItemKey("shop", ItemKey.Kind.VM, "a")));
    final List<String> told = new ArrayList<>();
    remote.carryOut(
        "shop",
        steps,
        new Provisioner.Listener() {
          @Override
          public void done(final Step step) {
            told.add(step + " done");
          }

          @Override
          public void failed(final Step step, final String reason) {
            told.add(step + " " + reason);
          }
        });
    assertThat(carriedOut).isEqualTo(steps);
    assertThat(told).containsExactly(steps.get(0) + " done", steps.get(1) + " no room");
  }

  @Test
  void shouldTellOfChangesAlsoAfterItWasStartedAgain() throws Exception {
    final BlockingQueue<String> changes = new LinkedBlockingQueue<>();
    remote.onChange(changes::add);
    final Consumer<String> first = listeners.take();
    while (changes.poll(20, TimeUnit.MILLISECONDS) == null) {
      first.accept("shop");
    }
    server.close();
    changes.clear();
    server = new ProvisionerServer(new Answering(), socket, List.of(uid()), -1);
    final Consumer<String> second = listeners.take();
    String change = null;
    while (change == null) {
      second.accept("again");
      change = changes.poll(20, TimeUnit.MILLISECONDS);
    }
    assertThat(change).isEqualTo("again");
  }

  @Test
  void shouldSayThatNobodyListens() throws Exception {
    server.close();
    assertThatThrownBy(() -> remote.observe("shop"))
        .hasMessageContaining(socket.toString())
        .hasMessageContaining("shadowplane provisioner");
  }

  @Test
  void shouldRefuseHostileMessagesAndGoOn() throws Exception {
    assertThat(raw(frame("{\"message\":\"observe\",\"network\":\"shop\",\"shell\":\"reboot\"}")))
        .contains("refused", "shell");
    assertThat(raw(frame("{\"message\":\"reboot\"}"))).contains("refused");
    assertThat(raw(frame("{\"message\":\"finished\"}"))).contains("refused", "no request");
    assertThat(raw(frame("[".repeat(100_000)))).contains("refused");
    assertThat(raw(frame("{\"message\":\"observe\""))).contains("refused");
    assertThat(raw(ByteBuffer.allocate(5).putInt(1).put((byte) 0xff).flip()))
        .contains("refused", "UTF-8");
    assertThat(raw(ByteBuffer.allocate(4).putInt(50 << 20).flip()))
        .contains("refused", "52428800 bytes is too long");
    assertThat(raw(ByteBuffer.allocate(4).putInt(-1).flip()))
        .contains("refused", "4294967295 bytes");
    assertThat(remote.observe("shop")).containsExactly(OBSERVED);
  }

  private static ByteBuffer frame(final String text) {
    final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes).flip();
  }

  private String raw(final ByteBuffer request) throws Exception {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      while (request.hasRemaining()) {
        channel.write(request);
      }
      channel.shutdownOutput();
      final ByteBuffer answer = ByteBuffer.allocate(1 << 16);
      while (channel.read(answer) >= 0) {
        assertThat(answer.hasRemaining()).isTrue();
      }
      if (answer.position() == 0) {
        throw new EOFException("no answer");
      }
      return new String(answer.array(), 4, answer.position() - 4, StandardCharsets.UTF_8);
    }
  }

  @Test
  @EnabledIf("isRoot")
  void shouldRefuseUsersThatAreNotListed(@TempDir final Path folder) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.setPosixFilePermissions(socket.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(Files.getPosixFilePermissions(socket))
        .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    final String ask =
        """
        import socket, struct, sys
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[1])
        t = b'{"message":"observe","network":"shop"}'
        s.sendall(struct.pack('>I', len(t)) + t)
        print(s.makefile('rb').read()[4:].decode())
        """;
    final Process process =
        new ProcessBuilder(
                "setpriv",
                "--reuid",
                "61999",
                "--regid",
                "61999",
                "--clear-groups",
                "/usr/bin/python3",
                "-c",
                ask,
                socket.toString())
            .redirectErrorStream(true)
            .start();
    final String answer =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(answer).isZero();
    assertThat(answer).contains("refused", "61999").doesNotContain("observed");
  }
}
