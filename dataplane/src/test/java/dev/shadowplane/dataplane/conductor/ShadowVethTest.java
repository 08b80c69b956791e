package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.pcap.CaptureTool;
import dev.shadowplane.dpdk.DpdkTest;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A shadow network of a real kernel that shouts: what it answers to mirrored frames, ARP, and a
 * flood of broadcasts and of UDP to the host. Nobody hears it. Takes root.
 */
final class ShadowVethTest extends DpdkTest {
  private static final int FLOOD = 20_000;
  private static final Pattern PACKETS = Pattern.compile("\"packets\":([0-9]+)");

  /** Answers what it is sent, as any host does, and floods whomever it can think of. */
  private static final String SHOUT =
      """
      import socket, struct, sys, time
      flood, host = int(sys.argv[1]), bytes.fromhex(sys.argv[2].replace(':', ''))
      raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
      raw.bind(('eth0', 0))
      own = raw.getsockname()[4]
      everybody = b'\\xff' * 6
      for i in range(flood):
          if i % 50 == 0:
              time.sleep(0.005)  # the kernel's queue holds some thousands
          if i % 3 == 0:
              ip = struct.pack('!HHBBH6s4s6s4s', 1, 0x800, 6, 4, 1, own, bytes((198, 18, 0, 1)), bytes(6), HOST)
              raw.send(everybody + own + b'\\x08\\x06' + ip)
          elif i % 3 == 1:
              raw.send(everybody + own + b'\\x88\\xb5' + struct.pack('!I', i) + bytes(i % 1400 + 42))
          else:
              data = struct.pack('!I', i)
              ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 28 + len(data), i & 0xffff, 0, 64, 17, 0, bytes((198, 18, 0, 1)), HOST)
              total = sum(struct.unpack('!10H', ip))
              total = (total & 0xffff) + (total >> 16)
              total = (total & 0xffff) + (total >> 16)
              ip = ip[:10] + struct.pack('!H', ~total & 0xffff) + ip[12:]
              raw.send(host + own + b'\\x08\\x00' + ip + struct.pack('!HHHH', 9, PORT, 8 + len(data), 0) + data)
      """;

  @TempDir private Path root;

  /** Frames that an interface has received and sent, as the kernel counts. */
  private static long[] packets(List<String> json) {
    final Matcher matcher = PACKETS.matcher(String.join("", json));
    assertThat(matcher.results()).hasSize(2);
    matcher.reset();
    assertThat(matcher.find()).isTrue();
    final long received = Long.parseLong(matcher.group(1));
    assertThat(matcher.find()).isTrue();
    return new long[] {received, Long.parseLong(matcher.group(1))};
  }

  private static byte[] request(int serial) {
    return Frames.ethernet()
        .ipv4("198.18.0.9", "198.18.0.1")
        .udp(40_000, 9)
        .payload(new byte[] {(byte) (serial >> 16), (byte) (serial >> 8), (byte) serial})
        .bytes();
  }

  @Test
  void nobodyHearsIt() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    try (VethLab veths = new VethLab();
        DatagramSocket host = new DatagramSocket()) {
      final String table = "netdev " + veths.end(1);
      CaptureTool.lines(
          "nft",
          "add table "
              + table
              + " { chain in { type filter hook ingress device "
              + veths.end(1)
              + " priority 0; policy drop; }; }");
      try {
        shout(veths, host);
      } finally {
        CaptureTool.lines("nft", "delete table " + table);
      }
      host.setSoTimeout(1);
      final DatagramPacket heard = new DatagramPacket(new byte[100], 100);
      assertThatThrownBy(() -> host.receive(heard)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  private static String hostAddress() throws Exception {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address.getAddress().length == 4 && !address.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElse("198.18.0.254");
  }

  private void shout(VethLab veths, DatagramSocket host) throws Exception {
    // It sends nothing of its own accord.
    veths.in(1, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6");
    veths.in(1, "ip", "link", "set", "eth0", "address", "02:00:00:00:00:02");
    final Path script = root.resolve("shout.py");
    Files.writeString(
        script,
        SHOUT
            .replace("HOST", "bytes((" + hostAddress().replace('.', ',') + "))")
            .replace("PORT", Integer.toString(host.getLocalPort())));
    final String mac = Files.readString(Path.of("/sys/class/net", veths.end(1), "address")).strip();
    final Rule all = new Rule("all", 0, Match.ALL, 100, List.of(new RuleTarget.Port("shadow")));
    try (RingLab lab =
        new RingLab(pool(), root, 64, "a", "b")
            .with("shadow", "net_af_packet,iface=" + veths.end(1))
            .shadow("shadow")) {
      final long[] before = packets(veths.in(1, "ip", "-s", "-j", "link", "show", "eth0"));
      lab.launch(lab.config(all));
      final Process shouting =
          new ProcessBuilder(
                  veths.command(
                      1, "/usr/bin/python3", script.toString(), Integer.toString(FLOOD), mac))
              .inheritIO()
              .start();
      final int sent;
      try {
        sent = production(lab, shouting);
      } finally {
        shouting.destroy();
        assertThat(shouting.waitFor()).isZero();
      }
      assertThat(lab.counter("port.shadow.driver-rx-missed")).isZero();
      lab.until(
          "every shout",
          () ->
              lab.counter("port.shadow.driver-rx-packets")
                      == lab.counter("port.shadow.standby-dropped-packets")
                  && lab.counter("port.shadow.standby-dropped-packets") >= FLOOD);
      final long mirrored = lab.counter("rule.all.mirrored.port:shadow");
      assertThat(mirrored).isEqualTo(sent);
      lab.until(
          "the last answer",
          () -> {
            try {
              final long[] now = packets(veths.in(1, "ip", "-s", "-j", "link", "show", "eth0"));
              // What it received are the mirrored frames alone, so nobody has answered it.
              return now[0] - before[0] == mirrored
                  && now[1] - before[1] == lab.counter("port.shadow.standby-dropped-packets");
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      assertThat(lab.counter("port.shadow.driver-rx-missed")).isZero();
      assertThat(lab.receive("a")).isEmpty();
      assertThat(lab.receive("b")).isEmpty();
    }
  }

  /** Frames that the shadow answers, byte by byte on the other side, while it shouts. */
  private static int production(RingLab lab, Process meanwhile) {
    int serial = 0;
    do {
      final List<byte[]> sent = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sent.add(request(serial++));
      }
      lab.send("a", sent.toArray(byte[][]::new));
      final List<byte[]> received = new ArrayList<>();
      lab.until(
          "production",
          () -> {
            received.addAll(lab.receive("b"));
            return received.size() >= sent.size();
          });
      Traffic.assertFrames("production", received, sent);
    } while (meanwhile.isAlive());
    return serial;
  }
}
