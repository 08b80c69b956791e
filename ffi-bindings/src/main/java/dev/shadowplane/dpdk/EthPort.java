package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_eth_conf;
import dev.shadowplane.dpdk.abi23.rte_eth_link;
import dev.shadowplane.dpdk.abi23.rte_eth_rxmode;
import dev.shadowplane.dpdk.abi23.rte_eth_stats;
import dev.shadowplane.dpdk.abi23.rte_eth_txmode;
import dev.shadowplane.dpdk.abi23.rte_ether_addr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An Ethernet port: opened, configured, started, stopped, closed, in this order, by one thread. EAL
 * runs. Burst functions are used by workers between start and stop.
 */
public final class EthPort implements AutoCloseable {
  private static final Pattern PCI =
      Pattern.compile("(\\p{XDigit}{4}:)?\\p{XDigit}{2}:\\p{XDigit}{2}\\.[0-7]");

  /** Virtual functions of the 82576 and I350. */
  private static final String IGB_VF = "net_e1000_igb_vf";

  private static final int ENODEV = 19;
  private static final int ENOTSUP = 95;

  private final String name;
  private final String deviceName;
  private final @Nullable VirtualDevice virtual;
  private final PortQueues queues = new PortQueues();
  private int id;
  private EthPortInfo info;
  private @Nullable Setup setup;
  private EthStats statsBefore = EthStats.NONE;
  private byte[] lastMac = {};
  private int lastMtu;
  private boolean attached = true;
  private boolean started;
  private boolean promiscuous;
  private boolean closed;

  /** How it was configured. */
  private record Setup(EthPortConfig config, PktmbufPool pool) {}

  private EthPort(String name, String deviceName, @Nullable VirtualDevice virtual, int id) {
    this.name = name;
    this.deviceName = deviceName;
    this.virtual = virtual;
    this.id = id;
    this.info = readInfo();
  }

  /**
   * Opens a port.
   *
   * @param name what messages and counters call it
   * @param device a PCI address that EAL was told to probe; a virtual device with its arguments, as
   *     in {@code net_af_packet,iface=eth1}; or the name of a port that this process already has
   * @return the port, not configured yet
   * @throws DpdkException when there is no such device: the call, what DPDK said, the remedy
   */
  public static EthPort open(String name, String device) {
    final int existing = VirtualDevice.find(device);
    if (existing >= 0) {
      return new EthPort(name, device, null, existing);
    }
    if (isPci(device)) {
      throw new DpdkException(
          "rte_eth_dev_get_port_by_name(" + device + ")",
          ENODEV,
          "bind it to vfio-pci (dpdk-devbind.py --bind=vfio-pci "
              + device
              + "), check that the IOMMU is on, and that the address is right");
    }
    final VirtualDevice virtual = new VirtualDevice(name, device);
    return new EthPort(name, virtual.name(), virtual, virtual.attach());
  }

  /**
   * Whether a device string is a PCI address, which EAL must be told of at its start.
   *
   * @param device as in {@link #open}
   * @return true for {@code 0000:01:10.0} and the like
   */
  public static boolean isPci(String device) {
    return PCI.matcher(device).matches();
  }

  private EthPortInfo readInfo() {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment reported = AbiCheck.deviceInfo(arena, id, name);
      return EthPortInfo.of(reported, Dpdk.rte_eth_dev_socket_id((short) id));
    }
  }

  /**
   * Configures the port and its queues. It is stopped.
   *
   * @param config how; descriptors are rounded to what the device can
   * @param pool received frames are put into its mbufs
   * @throws DpdkException when the device refuses
   */
  public void configure(EthPortConfig config, PktmbufPool pool) {
    setup = new Setup(config, pool);
    try (EalLog log = new EalLog();
        Arena arena = Arena.ofConfined()) {
      final MemorySegment conf = arena.allocate(rte_eth_conf.layout());
      final MemorySegment rxMode = rte_eth_conf.rxmode(conf);
      final int frameRoom = pool.dataRoomBytes() - PktmbufPool.HEADROOM_BYTES;
      if (config.mtu() > 0) {
        rte_eth_rxmode.mtu(rxMode, config.mtu());
      }
      if (info.rxScatter() && config.mtu() + 22 > frameRoom) {
        rte_eth_rxmode.offloads(rxMode, Dpdk.RTE_ETH_RX_OFFLOAD_SCATTER());
      }
      if (config.rxQueues() > 1 && info.rssTypes() != 0) {
        SymmetricRss.ask(arena, conf, info);
      }
      if (info.txMultiSegments()) {
        rte_eth_txmode.offloads(rte_eth_conf.txmode(conf), Dpdk.RTE_ETH_TX_OFFLOAD_MULTI_SEGS());
      }
      check(
          log,
          "rte_eth_dev_configure",
          config.toString(),
          Dpdk.rte_eth_dev_configure(
              (short) id, (short) config.rxQueues(), (short) config.txQueues(), conf),
          "ask for fewer queues or a smaller mtu (this device: " + info + ")");
      final MemorySegment descriptors = arena.allocate(JAVA_SHORT, 2);
      descriptors.setAtIndex(JAVA_SHORT, 0, (short) config.rxDescriptors());
      descriptors.setAtIndex(JAVA_SHORT, 1, (short) config.txDescriptors());
      check(
          log,
          "rte_eth_dev_adjust_nb_rx_tx_desc",
          config.toString(),
          Dpdk.rte_eth_dev_adjust_nb_rx_tx_desc((short) id, descriptors, descriptors.asSlice(2)),
          "ask for fewer descriptors");
      final short rxDescriptors = descriptors.getAtIndex(JAVA_SHORT, 0);
      final short txDescriptors = descriptors.getAtIndex(JAVA_SHORT, 1);
      final int socket = info.socket();
      for (short queue = 0; queue < config.rxQueues(); queue++) {
        check(
            log,
            "rte_eth_rx_queue_setup",
            "queue=" + queue + ", descriptors=" + rxDescriptors + ", pool=" + pool.name(),
            Dpdk.rte_eth_rx_queue_setup(
                (short) id, queue, rxDescriptors, socket, MemorySegment.NULL, pool.segment()),
            "raise mbufs or mbuf-data-bytes, or ask for fewer descriptors");
      }
      for (short queue = 0; queue < config.txQueues(); queue++) {
        check(
            log,
            "rte_eth_tx_queue_setup",
            "queue=" + queue + ", descriptors=" + txDescriptors,
            Dpdk.rte_eth_tx_queue_setup(
                (short) id, queue, txDescriptors, socket, MemorySegment.NULL),
            "ask for fewer descriptors");
      }
    }
  }

  /**
   * Starts it; queues are valid from now on.
   *
   * @throws DpdkException when the device refuses
   */
  public void start() {
    try (EalLog log = new EalLog()) {
      check(log, "rte_eth_dev_start", "", Dpdk.rte_eth_dev_start((short) id), "see what DPDK says");
    }
    started = true;
    AbiCheck.started(fpOps(), name);
    queues.point(fpOps());
  }

  /**
   * Whether a reset of its physical function, as setting that down and up is one, leaves it dead
   * with no event that says so: {@link #restart} brings it back.
   *
   * @return true for functions of which that is known
   */
  public boolean losesResets() {
    return info.driver().equals(IGB_VF);
  }

  /**
   * Stops and starts it. No thread uses a queue meanwhile; all of them are valid afterwards.
   *
   * @throws DpdkException when the device refuses: it stays stopped, and may be asked again
   */
  public void restart() {
    stop();
    start();
  }

  /**
   * Makes every queue idle: nothing is received and nothing taken. Workers may use them meanwhile;
   * those that have begun a duty cycle since are no longer inside the driver.
   */
  public void idle() {
    queues.idle();
  }

  /**
   * Lets go of a virtual device that {@link #open} attached, as one has to when the kernel's
   * interface under it is gone. Its queues are {@link #idle} and no thread is inside the driver.
   * Its mbufs are back afterwards.
   *
   * @throws DpdkException when the device refuses
   */
  public void detach() {
    final VirtualDevice device = Objects.requireNonNull(virtual, "not attached by open");
    statsBefore = stats();
    lastMac = mac();
    lastMtu = mtu();
    attached = false;
    stop();
    device.detach();
  }

  /**
   * Takes the device again, configured and started as before; its queues carry frames again, for
   * whoever has them.
   *
   * @throws DpdkException when the device refuses: it stays detached, and may be asked again
   */
  public void attach() {
    final VirtualDevice device = Objects.requireNonNull(virtual, "not attached by open");
    final Setup before = Objects.requireNonNull(setup, "not configured");
    id = device.attach();
    try {
      info = readInfo();
      configure(before.config, before.pool);
      if (promiscuous) {
        promiscuous();
      }
      start();
      attached = true;
    } finally {
      if (!attached) {
        started = false;
        device.detach();
      }
    }
  }

  /**
   * Whether there is a device behind it.
   *
   * @return false between {@link #detach} and {@link #attach}
   */
  public boolean isAttached() {
    return attached;
  }

  /**
   * Asks for frames whatever their destination.
   *
   * @return whether the device agreed; one that did not sees only its own address
   */
  public boolean promiscuous() {
    final int result = Dpdk.rte_eth_promiscuous_enable((short) id);
    promiscuous = result == 0;
    if (isPci(deviceName)) {
      // The kernel's igb refuses it to these, and DPDK's driver does not look at the answer.
      return promiscuous && !info.driver().equals(IGB_VF);
    }
    // A device that knows no such mode, as rings and files do not, passes everything anyway.
    return result == -ENOTSUP || Dpdk.rte_eth_promiscuous_get((short) id) == 1;
  }

  /**
   * A receive queue of the started port.
   *
   * @param queue its number
   * @return the same object every time; idle while the port is stopped
   */
  public RxQueue rxQueue(int queue) {
    return queues.rx(fpOps(), queue);
  }

  /**
   * A transmit queue of the started port.
   *
   * @param queue its number
   * @return the same object every time; idle while the port is stopped
   */
  public TxQueue txQueue(int queue) {
    return queues.tx(fpOps(), queue);
  }

  private MemorySegment fpOps() {
    if (!started) {
      throw new IllegalStateException("port " + name + " is not started");
    }
    return Dpdk.rte_eth_fp_ops(id);
  }

  /**
   * What messages and counters call it.
   *
   * @return as given
   */
  public String name() {
    return name;
  }

  /**
   * DPDK's number of it, as received mbufs bear; another one after {@link #attach}.
   *
   * @return 0 or more
   */
  public int id() {
    return id;
  }

  /**
   * What the device says of itself.
   *
   * @return read when it was opened, or attached again
   */
  public EthPortInfo info() {
    return info;
  }

  /**
   * Its MAC address.
   *
   * @return six bytes
   */
  public byte[] mac() {
    if (!attached) {
      return lastMac.clone();
    }
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment address = arena.allocate(rte_ether_addr.layout());
      check("rte_eth_macaddr_get", Dpdk.rte_eth_macaddr_get((short) id, address));
      return address.toArray(JAVA_BYTE);
    }
  }

  /**
   * Its link, without waiting.
   *
   * @return as the driver last saw it
   */
  public EthLink link() {
    if (!attached) {
      return EthLink.DOWN;
    }
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment link = arena.allocate(rte_eth_link.layout());
      check("rte_eth_link_get_nowait", Dpdk.rte_eth_link_get_nowait((short) id, link));
      return EthLink.of(link);
    }
  }

  /**
   * The driver's counters, over every device that it had.
   *
   * @return as of now
   */
  public EthStats stats() {
    if (!attached) {
      return statsBefore;
    }
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment stats = arena.allocate(rte_eth_stats.layout());
      check("rte_eth_stats_get", Dpdk.rte_eth_stats_get((short) id, stats));
      return statsBefore.plus(EthStats.of(stats));
    }
  }

  /**
   * The longest payload it takes at present.
   *
   * @return in bytes, without Ethernet header
   */
  public int mtu() {
    if (!attached) {
      return lastMtu;
    }
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment mtu = arena.allocate(JAVA_SHORT);
      check("rte_eth_dev_get_mtu", Dpdk.rte_eth_dev_get_mtu((short) id, mtu));
      return mtu.get(JAVA_SHORT, 0) & 0xffff;
    }
  }

  /** Stops it. No thread uses a queue of it any more. */
  public void stop() {
    if (started) {
      started = false;
      idle();
      check("rte_eth_dev_stop", Dpdk.rte_eth_dev_stop((short) id));
    }
  }

  /**
   * Stops and closes it, and detaches a virtual device that {@link #open} attached. Its mbufs are
   * back afterwards.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!attached) {
      return;
    }
    if (promiscuous) {
      // A kernel interface would keep the mode.
      Dpdk.rte_eth_promiscuous_disable((short) id);
    }
    stop();
    if (virtual != null) {
      virtual.detach();
    } else {
      check("rte_eth_dev_close", Dpdk.rte_eth_dev_close((short) id));
    }
  }

  private void check(String call, int result) {
    if (result != 0) {
      throw new DpdkException(
          call + "(port=" + name + ")", Math.abs(result), "close the port and open it again");
    }
  }

  private void check(EalLog log, String call, String arguments, int result, String remedy) {
    if (result != 0) {
      throw new DpdkException(
          call + "(port=" + name + (arguments.isEmpty() ? "" : ", " + arguments) + ")",
          Math.abs(result),
          log.quoted() + remedy);
    }
  }
}
