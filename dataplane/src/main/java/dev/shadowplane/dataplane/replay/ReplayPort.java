package dev.shadowplane.dataplane.replay;

import dev.shadowplane.dpdk.PktmbufPool;
import dev.shadowplane.dpdk.TxQueue;
import java.util.function.BooleanSupplier;

/**
 * Where a replay sends to.
 *
 * @param name what messages call it
 * @param queue a transmit queue that the replay agent owns
 * @param pool where buffers for frames come from; outlives the replay
 * @param maxFrameBytes the longest frame that the port takes
 * @param link whether frames can pass; asked by the loader, off the packet path
 */
public record ReplayPort(
    String name, TxQueue queue, PktmbufPool pool, int maxFrameBytes, BooleanSupplier link) {}
