package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.config.DataPlaneConfig;
import dev.shadowplane.dataplane.config.EalConfig;
import dev.shadowplane.dataplane.config.ForwardPair;
import dev.shadowplane.dataplane.config.JournalConfig;
import dev.shadowplane.dataplane.config.PortConfig;
import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.WorkerConfig;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dpdk.EthPort;
import dev.shadowplane.dpdk.EthPortConfig;
import dev.shadowplane.dpdk.Mbuf;
import dev.shadowplane.dpdk.MbufAllocator;
import dev.shadowplane.dpdk.MbufBurst;
import dev.shadowplane.dpdk.NativeMemory;
import dev.shadowplane.dpdk.PktmbufPool;
import dev.shadowplane.dpdk.RingPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A data plane between ports made of rings in memory, at whose far ends the test sends and
 * receives. Frames go in and out as they are; nothing is lost but what a full ring refuses.
 */
public final class RingLab implements AutoCloseable {
  /** Frames that {@link #send} hands over at a time. */
  public static final int BURST = 32;

  private static final AtomicInteger SERIAL = new AtomicInteger();
  private static final long PATIENCE_NS = 30_000_000_000L;
  private static final int MBUFS = 4_095;

  private final Path root;
  private final int descriptors;
  private final int workers;
  private final MbufAllocator allocator;
  private final MbufBurst offered = new MbufBurst(BURST);
  private final MbufBurst taken = new MbufBurst(BURST);
  private final Map<String, RingPorts> rings = new LinkedHashMap<>();
  private final Map<String, EthPort> farEnds = new LinkedHashMap<>();
  private final List<PortConfig> ports = new ArrayList<>();
  private final List<ForwardPair> pairs = new ArrayList<>();
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private @Nullable DataPlane plane;
  private @Nullable CountersView counters;
  private boolean threads;
  private int count;

  /**
   * Makes rings.
   *
   * @param pool frames are sent from it
   * @param root for the folders {@code run}, {@code state} and {@code journal}
   * @param descriptors a power of two: a ring holds one frame less
   * @param names of the ports; the first two forward to each other
   */
  public RingLab(PktmbufPool pool, Path root, int descriptors, String... names) {
    this(pool, root, descriptors, 1, names);
  }

  /**
   * Makes rings for several workers, each with a queue of its own of every port.
   *
   * @param pool frames are sent from it
   * @param root for the folders {@code run}, {@code state} and {@code journal}
   * @param descriptors a power of two: a ring holds one frame less
   * @param workers that forward between the first two ports
   * @param names of the ports
   */
  public RingLab(PktmbufPool pool, Path root, int descriptors, int workers, String... names) {
    this.root = root;
    this.descriptors = descriptors;
    this.workers = workers;
    this.allocator = new MbufAllocator(pool, BURST);
    for (String name : names) {
      final String unique = name + SERIAL.incrementAndGet();
      final RingPorts pair = new RingPorts(unique, "far" + unique, descriptors, workers);
      rings.put(name, pair);
      ports.add(new PortConfig(name, pair.a(), 0, descriptors, descriptors));
      final EthPort far = EthPort.open("far-" + name, pair.b());
      far.configure(new EthPortConfig(workers, workers, descriptors, descriptors, 0), pool);
      far.start();
      farEnds.put(name, far);
    }
  }

  /** Adds a port that is no ring, before {@link #config}. */
  public RingLab with(String name, String device) {
    ports.add(new PortConfig(name, device, 0, 256, 256));
    return this;
  }

  /** Puts a shadow network behind a port, before {@link #config}. */
  public RingLab shadow(String name) {
    ports.replaceAll(port ->
        port.name().equals(name)
            ? new PortConfig(
                name, port.device(), port.mtu(), port.rxDescriptors(), port.txDescriptors(), true)
            : port);
    return this;
  }

  /** Has every worker forward between two more ports, before {@link #config}. */
  RingLab forwarding(String one, String other) {
    pairs.add(new ForwardPair(one, other));
    return this;
  }

  /** A configuration of these ports, without records and without journal. */
  public DataPlaneConfig config(Rule... rules) {
    return config(null, 1 << 16, null, rules);
  }

  /** A configuration with a journal. */
  public DataPlaneConfig journaling(int ringBytes, Rule... rules) {
    return config(null, 1 << 16, new JournalConfig(journal(), ringBytes), rules);
  }

  /** A configuration with records. */
  public DataPlaneConfig recording(int ringBytes, Rule... rules) {
    return recording(RecordsConfig.DEFAULT, ringBytes, rules);
  }

  /** A configuration with records of a kind. */
  public DataPlaneConfig recording(RecordsConfig records, int ringBytes, Rule... rules) {
    return config(records, ringBytes, null, rules);
  }

  /** A configuration of these ports. */
  public DataPlaneConfig config(
      @Nullable RecordsConfig records,
      int recordRingBytes,
      @Nullable JournalConfig journal,
      Rule... rules) {
    final List<ForwardPair> all = new ArrayList<>();
    all.add(new ForwardPair(ports.get(0).name(), ports.get(1).name()));
    all.addAll(pairs);
    return new DataPlaneConfig(
        run(),
        root.resolve("state"),
        new EalConfig(EalConfig.Hugepages.AUTO, 512),
        MBUFS,
        2_048,
        ports,
        Collections.nCopies(workers, new WorkerConfig(WorkerConfig.ANY_CORE, all)),
        Optional.ofNullable(records),
        recordRingBytes,
        Optional.ofNullable(journal),
        List.of(rules),
        Optional.of("000102030405060708090a0b0c0d0e0f"),
        1 << 16);
  }

  /** Starts a data plane whose duty cycles the test runs. */
  public RingLab embed(DataPlaneConfig config) throws IOException {
    plane = DataPlane.embed(config, log::add);
    counters = null;
    return this;
  }

  /** Starts a data plane on its own threads. */
  public RingLab launch(DataPlaneConfig config) throws IOException {
    threads = true;
    plane = DataPlane.launch(config, log::add);
    counters = null;
    return this;
  }

  /** The folder of mapped files. */
  public Path run() {
    return root.resolve("run");
  }

  /** The folder of the journal. */
  public Path journal() {
    return root.resolve("journal");
  }

  /** What the data plane has said so far. */
  public List<String> log() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }

  /** An mbuf with a frame, cut into segments of so many bytes. */
  public long mbuf(byte[] frame, int segmentBytes) {
    long head = 0;
    int offset = 0;
    do {
      final long mbuf = allocator.allocate();
      if (mbuf == 0) {
        throw new AssertionError("the test's pool is empty");
      }
      final int length = Math.min(Math.min(segmentBytes, Mbuf.room(mbuf)), frame.length - offset);
      NativeMemory.copy(
          Arrays.copyOfRange(frame, offset, offset + length), Mbuf.data(mbuf), length);
      Mbuf.length(mbuf, length);
      offset += length;
      if (head == 0) {
        head = mbuf;
      } else {
        Mbuf.chain(head, mbuf);
      }
    } while (offset < frame.length);
    return head;
  }

  /** Puts an mbuf into the burst that {@link #flush} sends. */
  public void add(long mbuf) {
    offered.set(count++, mbuf);
  }

  /** Sends what was added at the far end of a port; all of it must find room. */
  public void flush(String port) {
    flush(port, 0);
  }

  /** Sends what was added to a queue of a port. */
  public void flush(String port, int queue) {
    final int offeredCount = count;
    count = 0;
    final int sent = far(port).txQueue(queue).sendOrFree(offered, 0, offeredCount);
    if (sent != offeredCount) {
      throw new AssertionError("the ring to " + port + " took " + sent + " of " + offeredCount);
    }
  }

  /** Sends at most {@value #BURST} frames at the far end of a port. */
  public void send(String port, byte[]... frames) {
    for (byte[] frame : frames) {
      add(mbuf(frame, Integer.MAX_VALUE));
    }
    flush(port);
  }

  /** Takes every frame that has come out of a port. */
  public List<byte[]> receive(String port) {
    return receive(port, 0);
  }

  /** Takes every frame that has come out of a queue of a port. */
  public List<byte[]> receive(String port, int queue) {
    final List<byte[]> frames = new ArrayList<>();
    int received = far(port).rxQueue(queue).receive(taken, BURST);
    while (received > 0) {
      for (int i = 0; i < received; i++) {
        frames.add(Mbuf.bytes(taken.get(i)));
      }
      taken.free(0, received);
      received = far(port).rxQueue(queue).receive(taken, BURST);
    }
    return frames;
  }

  /** One duty cycle of every agent. */
  public void work() {
    try {
      plane().doWork();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Goes on, by duty cycles if they are the test's, until a condition holds. */
  public void until(String what, BooleanSupplier condition) {
    final long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadlineNs > 0) {
        throw new AssertionError("waited in vain for " + what + "; log: " + log());
      }
      if (threads) {
        LockSupport.parkNanos(10_000);
      } else {
        work();
      }
    }
  }

  /** The value of a counter; it must be there. */
  public long counter(String label) {
    if (counters == null) {
      // Kept: each one is a mapping until it is collected, and conditions are asked in a loop.
      counters = CountersView.open(run());
    }
    return counters
        .value(label)
        .orElseThrow(() -> new AssertionError("there is no counter " + label));
  }

  /** The data plane. */
  public DataPlane plane() {
    if (plane == null) {
      throw new IllegalStateException("not started");
    }
    return plane;
  }

  private EthPort far(String port) {
    final EthPort far = farEnds.get(port);
    if (far == null) {
      throw new IllegalArgumentException(port);
    }
    return far;
  }

  /** Stops the data plane alone. */
  public void stop() {
    if (plane != null) {
      plane.close();
      plane = null;
    }
  }

  /** Stops the data plane, empties the rings and frees them. */
  @Override
  public void close() {
    if (plane != null && !threads) {
      // What is still on its way in would stay in the ring.
      for (int i = 0; i < 2 * descriptors / BURST + 2; i++) {
        work();
        farEnds.keySet().forEach(this::receive);
      }
    }
    stop();
    farEnds.keySet().forEach(this::receive);
    farEnds.values().forEach(EthPort::close);
    rings.values().forEach(RingPorts::close);
    allocator.close();
  }
}
