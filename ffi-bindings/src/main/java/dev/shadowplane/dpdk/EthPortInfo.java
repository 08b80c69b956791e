package dev.shadowplane.dpdk;

/**
 * What a device says of itself.
 *
 * @param driver the driver's name, for example {@code net_af_packet}
 * @param maxRxQueues receive queues it can have
 * @param maxTxQueues transmit queues it can have
 * @param maxMtu the longest payload it takes, in bytes
 * @param txMultiSegments whether it sends frames of several segments
 * @param rxScatter whether it receives frames into several segments
 * @param rssTypes packets that it can spread over queues by hash, {@code RTE_ETH_RSS_} bits; 0 when
 *     queues, if there are several, are filled some other way
 * @param rssKeyBytes length of the hash's key
 * @param socket NUMA node it is on, -1 when unknown
 */
public record EthPortInfo(
    String driver,
    int maxRxQueues,
    int maxTxQueues,
    int maxMtu,
    boolean txMultiSegments,
    boolean rxScatter,
    long rssTypes,
    int rssKeyBytes,
    int socket) {}
