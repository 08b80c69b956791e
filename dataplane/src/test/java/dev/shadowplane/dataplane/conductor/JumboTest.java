package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.DataPlaneConfigReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dpdk.DpdkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames of 9,000 bytes between two kernels, forwarded and mirrored by the data plane. */
final class JumboTest extends DpdkTest {
  private static final int DATAGRAMS = 200;

  /** IPv4 and UDP take the rest of 9,000 bytes. */
  private static final int PAYLOAD_BYTES = 8_972;

  @TempDir private Path root;

  private DataPlaneConfig config(VethLab veths, Path mirrored) {
    return DataPlaneConfigReader.read(
        YamlReader.of(
            "test",
            """
            directory: %s/run
            state: %s/state
            mbufs: 4095
            mbuf-data-bytes: 16384
            counters: 4096
            ports:
              - { name: one, device: "net_af_packet,iface=%s" }
              - { name: two, device: "net_af_packet,iface=%s" }
              - { name: shadow, device: "net_pcap,tx_pcap=%s" }
            workers: [{ forward: [[one, two]] }]
            records: false
            rules: [{ name: udp, match: { protocol: udp }, targets: ["port:shadow"] }]
            """
                .formatted(root, root, veths.end(1), veths.end(2), mirrored)));
  }

  /** Each datagram comes back as it went, in one frame each way; a long stream by TCP, too. */
  private Path script() throws Exception {
    return Files.writeString(
        root.resolve("exchange.py"),
        """
        import random, socket, sys
        role, address, datagrams, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.settimeout(120)
        udp.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER: IP_PMTUDISC_DO, never a fragment
        def whole(stream, length):
            data = b''
            while len(data) < length:
                more = stream.recv(65536)
                if not more:
                    sys.exit('closed')
                data += more
            return data
        if role == 'server':
            udp.bind((address, 5001))
            tcp = socket.create_server((address, 5001))
            print('listening', flush=True)
            for _ in range(datagrams):
                data, peer = udp.recvfrom(65536)
                udp.sendto(data, peer)
            stream, _ = tcp.accept()
            stream.sendall(whole(stream, 1 << 22))
            stream.recv(1)
        else:
            source = random.Random(7)
            for i in range(datagrams):
                data = source.randbytes(size)
                udp.sendto(data, (address, 5001))
                if udp.recv(65536) != data:
                    sys.exit('datagram %d is different' % i)
            stream = socket.create_connection((address, 5001), 20)
            data = source.randbytes(1 << 22)
            stream.sendall(data)
            if whole(stream, len(data)) != data:
                sys.exit('the stream is different')
            print('same')
        """);
  }

  @Test
  void jumboFramesPassAndAreMirroredWhole() throws Exception {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    final Path mirrored = root.resolve("mirrored.pcap");
    final String[] command = {
      "/usr/bin/python3",
      script().toString(),
      "server",
      "198.18.0.2",
      Integer.toString(DATAGRAMS),
      Integer.toString(PAYLOAD_BYTES)
    };
    final List<String> log = Collections.synchronizedList(new ArrayList<>());
    try (VethLab veths = new VethLab(9_000)) {
      try (DataPlane plane = DataPlane.launch(config(veths, mirrored), log::add);
          Child server = new Child(root, veths.command(2, command)).awaitLine("listening")) {
        command[2] = "client";
        assertThat(veths.in(1, command)).containsExactly("same");
        assertThat(server.status()).as(server.output()).isZero();
        final CountersView counters = CountersView.open(root.resolve("run"));
        assertThat(counters.value("rule.udp.mirrored.port:shadow")).hasValue(2L * DATAGRAMS);
        assertThat(counters.value("port.two.shed.frame-too-long")).hasValue(0);
        assertThat(plane).isNotNull();
      }
    }
    assertThat(log).isEmpty();
    final List<String> payloads =
        Tshark.read(mirrored, "-T", "fields", "-e", "frame.len", "-e", "udp.payload");
    assertThat(payloads).hasSize(2 * DATAGRAMS);
    for (int i = 0; i < payloads.size(); i += 2) {
      assertThat(payloads.get(i)).startsWith("9014\t").hasSize(5 + 2 * PAYLOAD_BYTES);
      assertThat(payloads.get(i + 1)).as("the echo of %d", i).isEqualTo(payloads.get(i));
      assertThat(payloads.subList(0, i)).as("each is another").doesNotContain(payloads.get(i));
    }
  }
}
