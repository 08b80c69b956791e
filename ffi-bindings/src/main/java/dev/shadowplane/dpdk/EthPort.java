package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.shadowplane.dpdk.abi23.Dpdk;
import dev.shadowplane.dpdk.abi23.rte_eth_conf;
import dev.shadowplane.dpdk.abi23.rte_eth_fp_ops;
import dev.shadowplane.dpdk.abi23.rte_eth_link;
import dev.shadowplane.dpdk.abi23.rte_eth_rxmode;
import dev.shadowplane.dpdk.abi23.rte_eth_stats;
import dev.shadowplane.dpdk.abi23.rte_eth_txmode;
import dev.shadowplane.dpdk.abi23.rte_ethdev_qdata;
import dev.shadowplane.dpdk.abi23.rte_ether_addr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.regex.Pattern;

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
  private final boolean attached;
  private final int id;
  private final EthPortInfo info;
  private boolean started;
  private List<Long> queuesBefore = List.of();
  private boolean promiscuous;
  private boolean closed;

  private EthPort(String name, String deviceName, boolean attached, int id) {
    this.name = name;
    this.deviceName = deviceName;
    this.attached = attached;
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
    final int existing = find(device);
    if (existing >= 0) {
      return new EthPort(name, device, false, existing);
    }
    if (isPci(device)) {
      throw new DpdkException(
          "rte_eth_dev_get_port_by_name(" + device + ")",
          ENODEV,
          "bind it to vfio-pci (dpdk-devbind.py --bind=vfio-pci "
              + device
              + "), check that the IOMMU is on, and that the address is right");
    }
    final int comma = device.indexOf(',');
    final String driver = comma < 0 ? device : device.substring(0, comma);
    final String arguments = comma < 0 ? "" : device.substring(comma + 1);
    final String deviceName = driver + "_" + name;
    if (deviceName.length() >= Dpdk.RTE_ETH_NAME_MAX_LEN()) {
      throw new DpdkException(
          "device name "
              + deviceName
              + " is longer than "
              + (Dpdk.RTE_ETH_NAME_MAX_LEN() - 1)
              + " characters: give port "
              + name
              + " a shorter name");
    }
    try (EalLog log = new EalLog();
        Arena arena = Arena.ofConfined()) {
      final int result =
          Dpdk.rte_eal_hotplug_add(
              arena.allocateFrom("vdev"),
              arena.allocateFrom(deviceName),
              arena.allocateFrom(arguments));
      if (result != 0) {
        throw new DpdkException(
            "rte_eal_hotplug_add(vdev, " + deviceName + ", \"" + arguments + "\")",
            Math.abs(result),
            log.quoted() + remedy(driver));
      }
    }
    final int id = find(deviceName);
    if (id < 0) {
      throw new DpdkException(
          "rte_eth_dev_get_port_by_name(" + deviceName + ")", ENODEV, remedy(driver));
    }
    return new EthPort(name, deviceName, true, id);
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

  private static String remedy(String driver) {
    return switch (driver) {
      case "net_af_packet" ->
          "check that the interface named by iface= exists and is up, and that the process has CAP_NET_RAW";
      case "net_pcap" ->
          "check that the files named by rx_pcap= and tx_pcap= can be read and written";
      default -> "check the device's name and arguments, and that its driver is installed";
    };
  }

  private static int find(String deviceName) {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment id = arena.allocate(JAVA_SHORT);
      return Dpdk.rte_eth_dev_get_port_by_name(arena.allocateFrom(deviceName), id) == 0
          ? id.get(JAVA_SHORT, 0) & 0xffff
          : -1;
    }
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
   * Stops and starts it. No thread uses a queue meanwhile; all of them stay valid.
   *
   * @throws DpdkException when the device refuses: it stays stopped, and may be asked again
   */
  public void restart() {
    if (started) {
      queuesBefore = queues();
    }
    stop();
    start();
    if (!queues().equals(queuesBefore)) {
      throw new DpdkException("port " + name + " came back with other queues: start a new process");
    }
  }

  private List<Long> queues() {
    final MemorySegment ops = fpOps();
    return List.of(
        rte_eth_fp_ops.rx_pkt_burst(ops).address(),
        rte_eth_fp_ops.tx_pkt_burst(ops).address(),
        queueData(rte_eth_fp_ops.rxq(ops), 0),
        queueData(rte_eth_fp_ops.txq(ops), 0));
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
   * @return valid until the port stops
   */
  public RxQueue rxQueue(int queue) {
    final MemorySegment ops = fpOps();
    return new RxQueue(rte_eth_fp_ops.rx_pkt_burst(ops), queueData(rte_eth_fp_ops.rxq(ops), queue));
  }

  /**
   * A transmit queue of the started port.
   *
   * @param queue its number
   * @return valid until the port stops
   */
  public TxQueue txQueue(int queue) {
    final MemorySegment ops = fpOps();
    return new TxQueue(rte_eth_fp_ops.tx_pkt_burst(ops), queueData(rte_eth_fp_ops.txq(ops), queue));
  }

  private MemorySegment fpOps() {
    if (!started) {
      throw new IllegalStateException("port " + name + " is not started");
    }
    return Dpdk.rte_eth_fp_ops(id);
  }

  private static long queueData(MemorySegment qdata, int queue) {
    return rte_ethdev_qdata
        .data(qdata)
        .reinterpret((queue + 1) * ADDRESS.byteSize())
        .getAtIndex(JAVA_LONG, queue);
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
   * DPDK's number of it, as received mbufs bear.
   *
   * @return 0 or more
   */
  public int id() {
    return id;
  }

  /**
   * What the device says of itself.
   *
   * @return read when it was opened
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
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment link = arena.allocate(rte_eth_link.layout());
      check("rte_eth_link_get_nowait", Dpdk.rte_eth_link_get_nowait((short) id, link));
      return EthLink.of(link);
    }
  }

  /**
   * The driver's counters.
   *
   * @return as of now
   */
  public EthStats stats() {
    try (Arena arena = Arena.ofConfined()) {
      final MemorySegment stats = arena.allocate(rte_eth_stats.layout());
      check("rte_eth_stats_get", Dpdk.rte_eth_stats_get((short) id, stats));
      return EthStats.of(stats);
    }
  }

  /**
   * The longest payload it takes at present.
   *
   * @return in bytes, without Ethernet header
   */
  public int mtu() {
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
    if (promiscuous) {
      // A kernel interface would keep the mode.
      Dpdk.rte_eth_promiscuous_disable((short) id);
    }
    stop();
    if (!attached) {
      check("rte_eth_dev_close", Dpdk.rte_eth_dev_close((short) id));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      check(
          "rte_eal_hotplug_remove",
          Dpdk.rte_eal_hotplug_remove(arena.allocateFrom("vdev"), arena.allocateFrom(deviceName)));
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
