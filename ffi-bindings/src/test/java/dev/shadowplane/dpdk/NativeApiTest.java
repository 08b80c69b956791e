package dev.shadowplane.dpdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dpdk.abi23.Dpdk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The hand-written API against the real library, on devices that exist in memory only. */
class NativeApiTest extends DpdkTest {
  private static final EthPortConfig ONE_QUEUE = new EthPortConfig(1, 1, 512, 512, 0);

  @Test
  void shouldCarryFramesByteForByteAndInOrderOverRings() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    try (RingPorts rings = new RingPorts(unique("a"), unique("b"), 1024);
        Pair pair = new Pair(rings, pool());
        MbufAllocator allocator = new MbufAllocator(pool(), 32)) {
      final MbufBurst burst = new MbufBurst(32);
      for (int round = 0; round < 50; round++) {
        final List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
          final byte[] frame = new byte[14 + random.nextInt(1500)];
          random.nextBytes(frame);
          burst.set(i, mbufOf(allocator, frame));
          sent.add(frame);
        }
        assertThat(pair.sender().sendOrFree(burst, 0, 32)).isEqualTo(32);
        final int received = pair.receiver().receive(burst, 32);
        final List<byte[]> got = new ArrayList<>();
        for (int i = 0; i < received; i++) {
          got.add(Mbuf.bytes(burst.get(i)));
        }
        burst.free(0, received);
        assertThat(got)
            .as("seed " + seed)
            .usingElementComparator(java.util.Arrays::compare)
            .containsExactlyElementsOf(sent);
      }
    }
  }

  @Test
  void shouldFreeWhatAFullRingDoesNotTake() {
    try (RingPorts rings = new RingPorts(unique("a"), unique("b"), 16);
        Pair pair = new Pair(rings, pool());
        MbufAllocator allocator = new MbufAllocator(pool(), 32)) {
      final MbufBurst burst = new MbufBurst(32);
      for (int i = 0; i < 32; i++) {
        burst.set(i, mbufOf(allocator, new byte[60]));
      }
      assertThat(pair.sender().sendOrFree(burst, 0, 32)).isEqualTo(15);
      assertThat(pair.receiver().receive(burst, 32)).isEqualTo(15);
      burst.free(0, 15);
    }
  }

  @Test
  void shouldFreeAFrameOnlyWithItsLastReference() {
    try (MbufAllocator allocator = new MbufAllocator(pool(), 8)) {
      final long head = mbufOf(allocator, new byte[] {1, 2, 3});
      Mbuf.chain(head, mbufOf(allocator, new byte[] {4, 5}));
      final MbufBurst burst = new MbufBurst(1);
      burst.set(0, head);
      Mbuf.addReferences(head, 2);
      Mbuf.addReferences(head, 1);
      assertThat(Mbuf.references(head)).isEqualTo(4);
      assertThat(Mbuf.references(Mbuf.next(head))).isEqualTo(4);
      for (int left = 3; left >= 1; left--) {
        burst.free(0, 1);
        assertThat(Mbuf.references(head)).isEqualTo(left);
        assertThat(Mbuf.bytes(head)).containsExactly(1, 2, 3, 4, 5);
      }
      burst.free(0, 1);
    }
  }

  @Test
  void shouldGatherTheBeginningOfAFrameOfSeveralSegments() {
    try (MbufAllocator allocator = new MbufAllocator(pool(), 8)) {
      final long head = mbufOf(allocator, new byte[] {1, 2, 3});
      Mbuf.chain(head, mbufOf(allocator, new byte[] {4}));
      Mbuf.chain(head, mbufOf(allocator, new byte[] {5, 6}));
      final long to = NativeMemory.allocate(16, 8);
      assertThat(Mbuf.packetLength(head)).isEqualTo(6);
      assertThat(Mbuf.segments(head)).isEqualTo(3);
      assertThat(Mbuf.gather(head, to, 5)).isEqualTo(5);
      final byte[] gathered = new byte[6];
      NativeMemory.copy(to, gathered, 6);
      assertThat(gathered).containsExactly(1, 2, 3, 4, 5, 0);
      free(head);
    }
  }

  @Test
  void shouldPutStrippedTagsBack() {
    final byte[] frame = new byte[60];
    for (int i = 0; i < frame.length; i++) {
      frame[i] = (byte) i;
    }
    try (MbufAllocator allocator = new MbufAllocator(pool(), 8)) {
      final long mbuf = mbufOf(allocator, frame);
      Mbuf.stripped(mbuf, 0x2064, Dpdk.RTE_MBUF_F_RX_VLAN() | Dpdk.RTE_MBUF_F_RX_VLAN_STRIPPED());
      assertThat(Mbuf.normalise(mbuf)).isTrue();
      final byte[] tagged = Mbuf.bytes(mbuf);
      assertThat(tagged).hasSize(64).startsWith(java.util.Arrays.copyOf(frame, 12));
      assertThat(java.util.Arrays.copyOfRange(tagged, 12, 16))
          .containsExactly((byte) 0x81, 0, 0x20, 0x64);
      assertThat(java.util.Arrays.copyOfRange(tagged, 16, 64))
          .containsExactly(java.util.Arrays.copyOfRange(frame, 12, 60));
      assertThat(Mbuf.offloadFlags(mbuf)).isZero();
      free(mbuf);
    }
  }

  @Test
  void shouldSayWhatFailedAndWhatToDo() {
    assertThatThrownBy(() -> EthPort.open("p", "net_af_packet,iface=nosuchdevice"))
        .isInstanceOf(DpdkException.class)
        .hasMessageContaining("rte_eal_hotplug_add(vdev, net_af_packet_p, \"iface=nosuchdevice\")")
        .hasMessageContaining("nosuchdevice")
        .hasMessageContaining("exists and is up")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> EthPort.open("p", "0000:ff:1f.7"))
        .hasMessageContaining("0000:ff:1f.7")
        .hasMessageContaining("vfio-pci");
    assertThatThrownBy(() -> new PktmbufPool(unique("big"), 1 << 26, 60_000, -1))
        .hasMessageContaining("rte_pktmbuf_pool_create")
        .hasMessageContaining("hugepages");
    assertThatThrownBy(() -> DpdkThread.pin(1000)).hasMessageContaining("core=1000");
    assertThatThrownBy(() -> Eal.start(new EalOptions(false, 64, List.of())))
        .hasMessageContaining("starts once");
  }

  @Test
  void shouldReceiveFromTheNullDeviceOnARegisteredPinnedThread() throws Exception {
    try (EthPort port = EthPort.open(unique("n"), "net_null,size=64")) {
      port.configure(ONE_QUEUE, pool());
      port.start();
      assertThat(port.info().driver()).isEqualTo("net_null");
      assertThat(port.link().up()).isTrue();
      final int[] received = new int[1];
      final Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                DpdkThread.register();
                DpdkThread.pin(0);
                final MbufBurst burst = new MbufBurst(32);
                final RxQueue rx = port.rxQueue(0);
                for (int i = 0; i < 100; i++) {
                  final int n = rx.receive(burst, 32);
                  received[0] += port.txQueue(0).sendOrFree(burst, 0, n);
                }
                DpdkThread.unregister();
              });
      thread.join();
      assertThat(received[0]).isEqualTo(3200);
      assertThat(port.stats().rxPackets()).isEqualTo(3200);
      assertThat(port.stats().txPackets()).isEqualTo(3200);
    }
  }

  private static void free(long mbuf) {
    final MbufBurst burst = new MbufBurst(1);
    burst.set(0, mbuf);
    burst.free(0, 1);
  }

  private static long mbufOf(MbufAllocator allocator, byte[] frame) {
    final long mbuf = allocator.allocate();
    assertThat(mbuf).isNotZero();
    NativeMemory.copy(frame, Mbuf.data(mbuf), frame.length);
    Mbuf.length(mbuf, frame.length);
    return mbuf;
  }

  /** Both ports of a pair of rings, started. */
  private record Pair(EthPort a, EthPort b) implements AutoCloseable {
    Pair(RingPorts rings, PktmbufPool pool) {
      this(started(rings.a(), pool), started(rings.b(), pool));
    }

    private static EthPort started(String device, PktmbufPool pool) {
      final EthPort port = EthPort.open(device, device);
      port.configure(ONE_QUEUE, pool);
      port.start();
      return port;
    }

    TxQueue sender() {
      return a.txQueue(0);
    }

    RxQueue receiver() {
      return b.rxQueue(0);
    }

    @Override
    public void close() {
      a.close();
      b.close();
    }
  }
}
