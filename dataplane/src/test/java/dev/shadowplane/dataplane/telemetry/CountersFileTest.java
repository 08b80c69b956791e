package dev.shadowplane.dataplane.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CountersFileTest {
  @TempDir private Path root;

  private Path directory = Path.of("");
  private Path state = Path.of("");
  private final List<CountersFile> opened = new ArrayList<>();

  @BeforeEach
  void nameDirectories() {
    directory = root.resolve("run");
    state = root.resolve("state");
  }

  @AfterEach
  void close() {
    opened.forEach(CountersFile::close);
  }

  private CountersFile create(final int maxCounters) {
    final CountersFile file = CountersFile.create(directory, state, maxCounters);
    opened.add(file);
    return file;
  }

  private static List<String> lines(final CountersView view) {
    final List<String> lines = new ArrayList<>();
    view.forEach(
        (id, type, label, value) -> lines.add(id + " " + type + " " + label + "=" + value));
    return lines;
  }

  @Test
  void readerSeesTypesLabelsAndValues() {
    final CountersFile file = create(8);
    final AtomicCounter rx =
        file.newCounter(CounterTypes.PORT, CounterTypes.port("client", "rx-packets"));
    final AtomicCounter shed =
        file.newCounter(
            CounterTypes.RULE_SHED, CounterTypes.ruleShed("web", "port:shadow", "ring-full"));
    final CountersView view = CountersView.open(directory);
    rx.getAndAddRelease(32);
    shed.proposeMaxRelease(7);
    assertThat(lines(view))
        .containsExactly(
            "0 1 port.client.rx-packets=32", "1 4 rule.web.shed.port:shadow.ring-full=7");
    assertThat(view.value("port.client.rx-packets")).hasValue(32);
    assertThat(view.value("port.client")).isEmpty();
    assertThat(view.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(view.startTimeMs())
        .isBetween(System.currentTimeMillis() - 60_000, view.heartbeatMs());
  }

  @Test
  void freedCounterVanishesAndItsPlaceStaysEmptyForAWhile() {
    final CountersFile file = create(2);
    final AtomicCounter first =
        file.newCounter(CounterTypes.RULE, CounterTypes.rule("a", "matched"));
    first.setRelease(5);
    final AtomicCounter second =
        file.newCounter(CounterTypes.RULE, CounterTypes.rule("b", "matched"));
    second.setRelease(6);
    final CountersView view = CountersView.open(directory);
    file.free(first);
    assertThat(lines(view)).containsExactly("1 5 rule.b.matched=6");
    assertThatThrownBy(() -> file.newCounter(CounterTypes.RULE, CounterTypes.rule("c", "matched")))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("rule.c.matched")
        .hasMessageContaining("all 2 are in use");
  }

  @Test
  void countersOfTwoWritersNeverShareACacheLine() {
    final CountersFile file = create(2);
    final AtomicCounter first = file.newCounter(CounterTypes.WORKER, CounterTypes.worker(0, "x"));
    final AtomicCounter second = file.newCounter(CounterTypes.WORKER, CounterTypes.worker(1, "x"));
    assertThat(second.id() - first.id()).isOne();
    assertThat(CountersReader.counterOffset(second.id()) - CountersReader.counterOffset(first.id()))
        .isEqualTo(128);
    assertThat(CountersLayout.HEADER_LENGTH % 128).isZero();
  }

  @Test
  void overlongOrBlankLabelsAreRefused() {
    final CountersFile file = create(2);
    assertThatThrownBy(
            () -> file.newCounter(CounterTypes.RULE, CounterTypes.rule("n".repeat(400), "matched")))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("longer than 380 bytes");
    assertThatThrownBy(() -> CounterTypes.port("my port", "rx-packets"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'my port'");
    assertThatThrownBy(() -> CounterTypes.port("", "rx-packets"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void labelsOfWorkersAddUpUnderOneName() {
    final String label = CounterTypes.ruleMirrored("web", "port:shadow");
    assertThat(CounterTypes.perWorker(label, 3)).isEqualTo("rule.web.mirrored.port:shadow@3");
    assertThat(CounterTypes.withoutWorker(CounterTypes.perWorker(label, 3))).isEqualTo(label);
    assertThat(CounterTypes.withoutWorker(label)).isEqualTo(label);
  }

  @Test
  void viewFollowsARestartedDataPlane() {
    final CountersFile first = create(8);
    first.newCounter(CounterTypes.CONDUCTOR, CounterTypes.conductor("cycles")).setRelease(9);
    final CountersView view = CountersView.open(directory);
    assertThat(view.refresh()).isFalse();
    assertThat(view.isAlive()).isTrue();
    final long epoch = view.epoch();

    first.close();
    assertThat(view.isAlive()).isFalse();
    final CountersFile second = create(16);
    second.newCounter(CounterTypes.CONDUCTOR, CounterTypes.conductor("other")).setRelease(1);
    assertThat(lines(view)).containsExactly("0 10 conductor.cycles=9");
    assertThat(view.refresh()).isTrue();
    assertThat(view.refresh()).isFalse();
    assertThat(view.isAlive()).isTrue();
    assertThat(view.epoch()).isEqualTo(epoch + 1);
    assertThat(lines(view)).containsExactly("0 10 conductor.other=1");
  }

  @Test
  void epochGrowsAlsoWhenTheTmpfsWasLost() throws IOException {
    final CountersFile first = create(1);
    assertThat(first.epoch()).isOne();
    first.close();
    TelemetryFiles.deleteDirectory(directory);
    final CountersFile second = create(1);
    assertThat(second.epoch()).isEqualTo(2);
    second.close();
    Files.writeString(state.resolve("epoch"), "-12\0garbage");
    assertThat(create(1).epoch()).isGreaterThan(1_700_000_000L);
  }

  @Test
  void staleHeartbeatMeansDead() {
    final CountersFile file = create(1);
    final CountersView view = CountersView.open(directory);
    file.heartbeat(System.currentTimeMillis() - CountersView.DEAD_AFTER_MS - 1_000);
    assertThat(view.isAlive()).isFalse();
    file.heartbeat(System.currentTimeMillis());
    assertThat(view.isAlive()).isTrue();
  }

  @Test
  void missingProcessWithLateHeartbeatMeansDead() throws IOException {
    final CountersFile file = create(1);
    final Process ended = new ProcessBuilder("true").start();
    ended.onExit().join();
    patch(CountersLayout.PID_OFFSET, ended.pid(), 8);
    assertThat(CountersView.open(directory).isAlive()).isTrue();
    file.heartbeat(System.currentTimeMillis() - 1_000);
    assertThat(CountersView.open(directory).isAlive()).isFalse();
    // In another namespace that pid says nothing, and the heartbeat decides.
    patch(CountersLayout.PID_NAMESPACE_OFFSET, 12345, 8);
    assertThat(CountersView.open(directory).isAlive()).isTrue();
  }

  @Test
  void secondDataPlaneIsRefused() {
    create(1);
    assertThatThrownBy(() -> create(1))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("another data plane uses " + directory);
    assertThat(CountersView.open(directory).epoch()).isOne();
  }

  @Test
  void damagedOrForeignFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> CountersView.open(directory))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("counters.dat does not exist");
    create(4);
    patch(CountersLayout.VERSION_OFFSET, 2, 4);
    assertThatThrownBy(() -> CountersView.open(directory))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("layout version 2");
    patch(CountersLayout.VERSION_OFFSET, 1, 4);
    for (final int count : new int[] {0, -1, 3, 5, Integer.MAX_VALUE}) {
      patch(CountersLayout.COUNT_OFFSET, count, 4);
      assertThatThrownBy(() -> CountersView.open(directory))
          .isInstanceOf(TelemetryException.class)
          .hasMessageContaining("damaged");
    }
    patch(CountersLayout.COUNT_OFFSET, 4, 4);
    assertThat(CountersView.open(directory).epoch()).isOne();
    patch(CountersLayout.MAGIC_OFFSET, 1, 8);
    assertThatThrownBy(() -> CountersView.open(directory)).hasMessageContaining("not a counters");
    Files.write(directory.resolve("counters.dat"), new byte[100]);
    assertThatThrownBy(() -> CountersView.open(directory)).hasMessageContaining("not a counters");
  }

  @Test
  void filesHaveTheModesOfTheContract() throws IOException {
    create(1);
    assertThat(mode(directory)).isEqualTo("rwxr-x---");
    assertThat(mode(directory.resolve("counters.dat"))).isEqualTo("rw-r-----");
    assertThat(mode(directory.resolve("dataplane.lock"))).isEqualTo("rw-------");
  }

  @Test
  void directoryThatOthersCanWriteToIsRefused() throws IOException {
    Files.createDirectory(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
    assertThatThrownBy(() -> create(1))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("chmod 0750");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void directoryOfAnotherUserIsRefused() throws IOException {
    assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root");
    Files.createDirectory(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
    Files.setAttribute(directory, "unix:uid", 12_345);
    assertThatThrownBy(() -> create(1))
        .isInstanceOf(TelemetryException.class)
        .hasMessageContaining("belongs to user 12345");
    assertThat(directory).isEmptyDirectory();
  }

  private static String mode(final Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private void patch(final int offset, final long value, final int lengthBytes) throws IOException {
    final ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
    bytes.putLong(0, value).limit(lengthBytes);
    try (FileChannel channel =
        FileChannel.open(directory.resolve("counters.dat"), StandardOpenOption.WRITE)) {
      channel.write(bytes, offset);
    }
  }
}
