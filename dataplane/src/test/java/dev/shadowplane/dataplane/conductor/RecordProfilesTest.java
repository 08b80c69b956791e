package dev.shadowplane.dataplane.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shadowplane.dataplane.config.Match;
import dev.shadowplane.dataplane.config.RecordsConfig;
import dev.shadowplane.dataplane.config.RecordsConfig.Profile;
import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.config.RuleReader;
import dev.shadowplane.dataplane.config.RuleTarget;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.mirror.RandomFrames;
import dev.shadowplane.dataplane.mirror.Traffic;
import dev.shadowplane.dataplane.packet.FlowHash;
import dev.shadowplane.dataplane.packet.FrameParser;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.FullRecordParser;
import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dataplane.telemetry.CounterTypes;
import dev.shadowplane.dataplane.telemetry.CountersView;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dataplane.telemetry.RecordRings;
import dev.shadowplane.dpdk.DpdkTest;
import dev.shadowplane.dpdk.NativeMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What control reads from the record ring under each profile, byte for byte. */
final class RecordProfilesTest extends DpdkTest {
  private static final List<RuleTarget> SHADOW = List.of(new RuleTarget.Port("shadow"));
  private static final FlowHash HASH = FlowHash.ofHex("000102030405060708090a0b0c0d0e0f");
  private static final int FLOWS = 512;
  private static final int FEW_PPM = 62_500;
  private static final int ALL_PPM = 1_000_000;

  @TempDir private Path root;

  /** Keeps what comes out of the ring, record by record. */
  private static final class Kept implements RecordRings<OneToOneRingBuffer> {
    private final List<byte[]> records = new ArrayList<>();
    private List<OneToOneRingBuffer> rings = List.of();

    @Override
    public void attached(long controlEpoch, List<OneToOneRingBuffer> ringsByWorker) {
      rings = ringsByWorker;
    }

    @Override
    public void detach() {
      rings = List.of();
    }

    @Override
    public boolean released() {
      return true;
    }

    /** Takes all that there is. */
    void read() {
      for (OneToOneRingBuffer ring : rings) {
        // A read ends at the end of the ring.
        while (ring.read(this::message) + ring.read(this::message) > 0) {
          // until nothing is left
        }
      }
    }

    private void message(int type, MutableDirectBuffer buffer, int index, int length) {
      assertThat(type).isEqualTo(RecordRing.BATCH_TYPE);
      int at = index + RecordRing.BATCH_HEADER_LENGTH;
      int count = 0;
      while (at < index + length) {
        final byte[] record = new byte[PacketRecord.totalBytes(buffer.getShort(at))];
        buffer.getBytes(at, record);
        records.add(record);
        at += record.length;
        count++;
      }
      assertThat(at).isEqualTo(index + length);
      assertThat(count).isEqualTo(buffer.getInt(index + RecordRing.BATCH_COUNT_OFFSET));
    }
  }

  private RingLab lab() {
    return new RingLab(pool(), root, 1_024, "a", "b", "shadow");
  }

  private static Rule rule(String name, int priority, String match) {
    final Match selectors =
        RuleReader.rule(YamlReader.of("x", "{name: x, match: " + match + "}")).match();
    return new Rule(name, priority, selectors, 100, SHADOW);
  }

  private static List<Rule> rules(String which) {
    return switch (which) {
      case "none" -> List.of();
      case "all" -> List.of(new Rule("all", 0, Match.ALL, 100, SHADOW));
      case "half" -> List.of(new Rule("half", 0, Match.ALL, 50, SHADOW));
      default ->
          List.of(rule("tcp", 1, "{ protocol: tcp }"), rule("vlan", 2, "{ vlan: 3, dscp: 0 }"));
    };
  }

  @ParameterizedTest
  @CsvSource({
    "LEAN, false, none", "LEAN, false, some", "LEAN, true, all", "FULL, false, none",
    "FULL, false, all", "FULL, false, half", "FULL, false, some", "FULL, true, all",
    "FULL, true, some", "ADAPTIVE, false, some", "ADAPTIVE, true, all"
  })
  void everyRecordIsAsTheModelHasIt(Profile profile, boolean inner, String which)
      throws IOException {
    final long seed = System.nanoTime();
    System.out.println("RecordProfilesTest seed " + seed);
    final List<Rule> rules = rules(which);
    final Kept kept = new Kept();
    try (RingLab lab = lab()) {
      final RecordsConfig config = new RecordsConfig(profile, inner);
      lab.embed(lab.recording(config, 1 << 22, rules.toArray(Rule[]::new)));
      try (TestControl control = new TestControl(lab, kept)) {
        final Traffic traffic = new Traffic(lab);
        for (int i = 0; i < 20; i++) {
          traffic.run(new RandomFrames(seed + i), new SplittableRandom(seed + i), 20);
          lab.receive("shadow");
          kept.read();
          control.client.doWork();
        }
        traffic.assertForwarded();
        final IdentityHashMap<byte[], Integer> numbers = numbers(lab, traffic, rules);
        final List<byte[]> expected = new ArrayList<>();
        for (Traffic.Sent sent : traffic.sent()) {
          final int number = numbers.getOrDefault(sent.frame(), RecordExtension.NO_RULE);
          expected.add(record(sent, inner, profile != Profile.LEAN, number));
        }
        Traffic.assertFrames("records, seed " + seed, kept.records, expected);
        assertThat(lab.counter("records.0.taken")).isEqualTo(expected.size());
        assertThat(lab.counter("records.0.full"))
            .isEqualTo(profile == Profile.LEAN ? 0 : expected.size());
        assertThat(lab.counter("records.0.full-flows-ppm"))
            .isEqualTo(profile == Profile.LEAN ? 0 : ALL_PPM);
      }
    }
  }

  /** What records call the rule that decided about each frame, by the model of rules. */
  private static IdentityHashMap<byte[], Integer> numbers(
      RingLab lab, Traffic traffic, List<Rule> rules) {
    final Map<String, Integer> ids = new HashMap<>();
    CountersView.open(lab.run()).forEach((id, type, label, value) -> ids.put(label, id));
    final IdentityHashMap<byte[], Integer> numbers = new IdentityHashMap<>();
    for (Rule rule : rules) {
      final Integer id = ids.get(CounterTypes.rule(rule.name(), "matched"));
      assertThat(id).isNotNull();
      traffic.decidedBy(rule, rules).forEach(frame -> numbers.put(frame, id));
    }
    return numbers;
  }

  private static byte[] record(Traffic.Sent sent, boolean inner, boolean full, int rule) {
    final byte[] frame = sent.frame();
    try (Arena arena = Arena.ofConfined()) {
      final long address = NativeMemory.allocate(arena, frame.length + 8L, 8);
      final long record =
          NativeMemory.allocate(arena, PacketRecord.LONG_BYTES + RecordExtension.BYTES, 8);
      NativeMemory.copy(frame, address, frame.length);
      final int ingress = sent.port().equals("a") ? 0 : 1;
      // Of a frame in several segments only the beginning is put together.
      final int available =
          sent.segmentBytes() < Math.min(frame.length, FrameParser.GATHER_BYTES)
              ? Math.min(frame.length, FrameParser.GATHER_BYTES)
              : Math.min(frame.length, sent.segmentBytes());
      new FullRecordParser(HASH, inner).parse(address, available, frame.length, ingress, record);
      final byte[] bytes = new byte[PacketRecord.totalBytes(NativeMemory.getUnsignedShort(record))];
      NativeMemory.copy(record, bytes, bytes.length);
      final int extension = bytes.length - RecordExtension.BYTES;
      if (!full) {
        final byte[] lean = Arrays.copyOf(bytes, extension);
        lean[PacketRecord.FLAGS] &= (byte) ~PacketRecord.FLAG_FULL;
        return lean;
      }
      final int at = extension + RecordExtension.RULE;
      final ByteBuffer little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      little.putInt(at, (little.getInt(at) & 0xff00_0000) | rule);
      return bytes;
    }
  }

  /** Control stops reading: of few flows records stay full, of the others they become lean. */
  @Test
  void adaptsToAReaderThatFallsBehindAndBack() throws IOException {
    final Kept kept = new Kept();
    try (RingLab lab = lab()) {
      lab.embed(lab.recording(new RecordsConfig(Profile.ADAPTIVE, false), 1 << 18));
      try (TestControl control = new TestControl(lab, kept)) {
        final List<byte[]> expected = new ArrayList<>();
        int burst = 0;
        while (lab.counter("records.0.shed") == 0) {
          final boolean few = lab.counter("records.0.full-flows-ppm") == FEW_PPM;
          final long taken = lab.counter("records.0.taken");
          final List<Traffic.Sent> sent = burst(burst++, lab);
          if (lab.counter("records.0.taken") > taken) {
            final boolean fewNow = lab.counter("records.0.full-flows-ppm") == FEW_PPM;
            assertThat(few && !fewNow).as("all again though nobody reads").isFalse();
            sent.forEach(one -> expected.add(adapted(one, fewNow)));
          }
          control.client.doWork();
        }
        assertThat(lab.counter("records.0.full-flows-ppm")).isEqualTo(FEW_PPM);
        kept.read();
        Traffic.assertFrames("records", kept.records, expected);
        assertEachFlowIsOfOneKind(kept.records);
        final long full = kept.records.stream().filter(RecordProfilesTest::isFull).count();
        assertThat(lab.counter("records.0.full")).isEqualTo(full);

        lab.until(
            "full records of all flows",
            () -> {
              kept.records.clear();
              burst(0, lab);
              kept.read();
              control.client.doWork();
              return lab.counter("records.0.full-flows-ppm") == ALL_PPM;
            });
        assertThat(kept.records).hasSize(RingLab.BURST).allMatch(RecordProfilesTest::isFull);
      }
    }
  }

  /** After the ring was half full, and of both directions alike; about one flow in 16 is full. */
  private static void assertEachFlowIsOfOneKind(List<byte[]> records) {
    int firstLean = 0;
    while (isFull(records.get(firstLean))) {
      firstLean++;
    }
    // The first burst of the lean ones begins with flow 0 or after it.
    final List<byte[]> adapted = records.subList(firstLean, records.size());
    final Map<String, Boolean> kinds = new HashMap<>();
    for (byte[] record : adapted) {
      final boolean full = isFull(record);
      assertThat(kinds.merge(flow(record), full, (one, other) -> one.equals(other) ? one : !full))
          .as("%s", HexFormat.of().formatHex(record))
          .isEqualTo(full);
    }
    assertThat(kinds).hasSize(FLOWS);
    assertThat(kinds.values().stream().filter(full -> full).count()).isBetween(8L, 80L);
  }

  /** Both ends, the lower first. */
  private static String flow(byte[] record) {
    final ByteBuffer bytes = ByteBuffer.wrap(record);
    final long from =
        (long) bytes.getInt(PacketRecord.SOURCE_ADDRESS) << 16
            | (bytes.getShort(PacketRecord.SOURCE_PORT) & 0xffff);
    final long to =
        (long) bytes.getInt(PacketRecord.DESTINATION_ADDRESS_IPV4) << 16
            | (bytes.getShort(PacketRecord.DESTINATION_PORT) & 0xffff);
    return Math.min(from, to) + " " + Math.max(from, to);
  }

  private static boolean isFull(byte[] record) {
    return (record[PacketRecord.FLAGS] & PacketRecord.FLAG_FULL) != 0;
  }

  private static byte[] adapted(Traffic.Sent sent, boolean few) {
    final byte[] full = record(sent, false, true, RecordExtension.NO_RULE);
    final int hash =
        ByteBuffer.wrap(full).order(ByteOrder.LITTLE_ENDIAN).getInt(PacketRecord.FLOW_HASH);
    return few && (hash >>> 12) % 16 != 0
        ? record(sent, false, false, RecordExtension.NO_RULE)
        : full;
  }

  /** Sends a burst one way, the next the other way, so that each flow is met in both. */
  private static List<Traffic.Sent> burst(int number, RingLab lab) {
    final boolean back = number % 2 != 0;
    final String port = back ? "b" : "a";
    final List<Traffic.Sent> sent = new ArrayList<>();
    for (int i = 0; i < RingLab.BURST; i++) {
      final int flow = (number / 2 * RingLab.BURST + i) % FLOWS;
      final Frames frame = Frames.ethernet();
      final byte[] bytes =
          back
              ? frame.ipv4("10.0.0.2", "10.0.0.1").tcp(80, 1_000 + flow, Frames.ACK).bytes()
              : frame.ipv4("10.0.0.1", "10.0.0.2").tcp(1_000 + flow, 80, Frames.ACK).bytes();
      sent.add(new Traffic.Sent(port, bytes, bytes.length));
    }
    lab.send(port, sent.stream().map(Traffic.Sent::frame).toArray(byte[][]::new));
    lab.work();
    Traffic.assertFrames(
        "production",
        lab.receive(back ? "a" : "b"),
        sent.stream().map(Traffic.Sent::frame).toList());
    return sent;
  }
}
