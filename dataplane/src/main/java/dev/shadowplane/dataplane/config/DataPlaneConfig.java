package dev.shadowplane.dataplane.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything the data plane is told at its start. Made by {@link DataPlaneConfigReader}, which
 * validates; whoever builds one in a program answers for it.
 *
 * @param directory of the mapped files, on tmpfs
 * @param stateDirectory where rules and keys outlive a restart
 * @param eal how DPDK starts
 * @param mbufs how many packet buffers there are
 * @param mbufDataBytes bytes of frame that one holds
 * @param ports every port, forwarding or mirror target
 * @param workers at least one
 * @param records what packet records for analytics hold, if they are written
 * @param recordRingBytes size of a worker's record ring, a power of two
 * @param journal the journal, if there is one
 * @param rules used at the first start, when none were persisted
 * @param flowHashKey 32 hexadecimal digits that hosts share so that they sample the same flows;
 *     when absent one is made and kept in the state directory
 * @param headerMbufs how many buffers there are for headers put before mirrored frames, and for
 *     views of those frames
 * @param collectors remote targets
 * @param rewrites maps from production to shadow
 * @param counters how many counters the mapped file has room for, 640 bytes each
 * @param anonymisations what frames for the journal may undergo, at most {@link
 *     Anonymisation#MAX_SETS}
 * @param replay what is replayed from and to, if anything is
 */
public record DataPlaneConfig(
    Path directory,
    Path stateDirectory,
    EalConfig eal,
    int mbufs,
    int mbufDataBytes,
    List<PortConfig> ports,
    List<WorkerConfig> workers,
    Optional<RecordsConfig> records,
    int recordRingBytes,
    Optional<JournalConfig> journal,
    List<Rule> rules,
    Optional<String> flowHashKey,
    int headerMbufs,
    List<CollectorConfig> collectors,
    List<RewriteConfig> rewrites,
    int counters,
    List<Anonymisation> anonymisations,
    Optional<ReplayConfig> replay) {
  /** How many header buffers there are unless said otherwise. */
  public static final int HEADER_MBUFS = 8_191;

  /** Copies the lists. */
  public DataPlaneConfig {
    ports = List.copyOf(ports);
    workers = List.copyOf(workers);
    rules = List.copyOf(rules);
    collectors = List.copyOf(collectors);
    rewrites = List.copyOf(rewrites);
    anonymisations = List.copyOf(anonymisations);
  }

  /**
   * Without collectors, rewrites and anonymisations.
   *
   * @param directory of the mapped files, on tmpfs
   * @param stateDirectory where rules and keys outlive a restart
   * @param eal how DPDK starts
   * @param mbufs how many packet buffers there are
   * @param mbufDataBytes bytes of frame that one holds
   * @param ports every port, forwarding or mirror target
   * @param workers at least one
   * @param records what packet records for analytics hold, if they are written
   * @param recordRingBytes size of a worker's record ring, a power of two
   * @param journal the journal, if there is one
   * @param rules used at the first start, when none were persisted
   * @param flowHashKey as above
   * @param counters how many counters the mapped file has room for
   */
  public DataPlaneConfig(
      Path directory,
      Path stateDirectory,
      EalConfig eal,
      int mbufs,
      int mbufDataBytes,
      List<PortConfig> ports,
      List<WorkerConfig> workers,
      Optional<RecordsConfig> records,
      int recordRingBytes,
      Optional<JournalConfig> journal,
      List<Rule> rules,
      Optional<String> flowHashKey,
      int counters) {
    this(
        directory,
        stateDirectory,
        eal,
        mbufs,
        mbufDataBytes,
        ports,
        workers,
        records,
        recordRingBytes,
        journal,
        rules,
        flowHashKey,
        HEADER_MBUFS,
        List.of(),
        List.of(),
        counters,
        List.of(),
        Optional.empty());
  }

  /**
   * The same with collectors and rewrites.
   *
   * @param newHeaderMbufs how many header buffers
   * @param newCollectors remote targets
   * @param newRewrites maps from production to shadow
   * @return another configuration
   */
  public DataPlaneConfig with(
      int newHeaderMbufs, List<CollectorConfig> newCollectors, List<RewriteConfig> newRewrites) {
    return new DataPlaneConfig(
        directory,
        stateDirectory,
        eal,
        mbufs,
        mbufDataBytes,
        ports,
        workers,
        records,
        recordRingBytes,
        journal,
        rules,
        flowHashKey,
        newHeaderMbufs,
        newCollectors,
        newRewrites,
        counters,
        anonymisations,
        replay);
  }

  /**
   * The same with anonymisations and replays.
   *
   * @param newAnonymisations what frames for the journal may undergo
   * @param newReplay what is replayed from and to, if anything is
   * @return another configuration
   */
  public DataPlaneConfig with(
      List<Anonymisation> newAnonymisations, Optional<ReplayConfig> newReplay) {
    return new DataPlaneConfig(
        directory,
        stateDirectory,
        eal,
        mbufs,
        mbufDataBytes,
        ports,
        workers,
        records,
        recordRingBytes,
        journal,
        rules,
        flowHashKey,
        headerMbufs,
        collectors,
        rewrites,
        counters,
        newAnonymisations,
        newReplay);
  }
}
