package dev.shadowplane.dpdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The base of tests that use DPDK: EAL starts once in the test's JVM, every test has a pool of its
 * own, and after it every mbuf is back in the pool. Runs with hugepages where they are reserved and
 * without elsewhere.
 */
public abstract class DpdkTest {
  private static final int POOL_SIZE = 8191;
  private static final AtomicInteger SERIAL = new AtomicInteger();

  private PktmbufPool pool;

  /** Starts EAL in this JVM if it does not run. */
  public static synchronized void startEal() {
    if (!Eal.isStarted()) {
      Eal.start(new EalOptions(freeHugepageMegabytes() >= 256, 512, List.of()));
    }
  }

  private static long freeHugepageMegabytes() {
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      final List<String> all = lines.toList();
      return field(all, "HugePages_Free:") * field(all, "Hugepagesize:") / 1024;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long field(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** A name that no other test of this JVM has used. */
  protected static String unique(String prefix) {
    return prefix + SERIAL.incrementAndGet();
  }

  /** The test's pool. */
  protected final PktmbufPool pool() {
    return pool;
  }

  @BeforeEach
  final void makePool() {
    startEal();
    pool = new PktmbufPool(unique("pool"), POOL_SIZE, 2048 + PktmbufPool.HEADROOM_BYTES, -1);
  }

  @AfterEach
  final void everyMbufIsBack() {
    assertThat(pool.available()).as("mbufs back in the pool").isEqualTo(pool.size());
    pool.close();
  }
}
