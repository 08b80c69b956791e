package dev.shadowplane.dataplane.port;

import dev.shadowplane.dpdk.PktmbufPool;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A pool of mbufs on each NUMA node that has a port, so that a device never writes across. One
 * thread; EAL runs.
 */
public final class MbufPools implements AutoCloseable {
  private final Map<Integer, PktmbufPool> bySocket = new TreeMap<>();
  private final String name;
  private final int mbufs;
  private final int dataRoomBytes;
  private final Consumer<String> log;

  /**
   * No pool yet.
   *
   * @param name what their names begin with, unique in the process
   * @param mbufs in each
   * @param dataRoomBytes of each mbuf, headroom included
   * @param log is told of mbufs that did not come back
   */
  public MbufPools(String name, int mbufs, int dataRoomBytes, Consumer<String> log) {
    this.name = name;
    this.mbufs = mbufs;
    this.dataRoomBytes = dataRoomBytes;
    this.log = log;
  }

  /**
   * The pool of a node, made when it is first asked for.
   *
   * @param socket the node; -1, as of a virtual device, stands for the first
   * @return it; closed with these pools
   * @throws dev.shadowplane.dpdk.DpdkException when the node has no memory for it
   */
  public PktmbufPool of(int socket) {
    return bySocket.computeIfAbsent(
        Math.max(socket, 0),
        node ->
            new PktmbufPool(name + (node == 0 ? "" : "n" + node), mbufs, dataRoomBytes, socket));
  }

  /** Closes all. Every port that used them is closed. */
  @Override
  public void close() {
    for (PktmbufPool pool : bySocket.values()) {
      if (pool.available() != pool.size()) {
        log.accept(
            "warning: "
                + (pool.size() - pool.available())
                + " mbufs of pool "
                + pool.name()
                + " were not returned");
      }
      pool.close();
    }
    bySocket.clear();
  }
}
