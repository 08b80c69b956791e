package dev.shadowplane.dataplane.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.Anonymisation.Macs;
import dev.shadowplane.dataplane.config.Anonymisation.Payload;
import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.packet.Frames;
import dev.shadowplane.dataplane.packet.SampleFrames;
import dev.shadowplane.dataplane.packet.Tshark;
import dev.shadowplane.dataplane.pcap.LinkType;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class AnonymiserTest {
  private static final String[] CHECKED = {
    "-o",
    "ip.check_checksum:TRUE",
    "-o",
    "tcp.check_checksum:TRUE",
    "-o",
    "udp.check_checksum:TRUE",
    "-o",
    "ip.defragment:TRUE",
    "-T",
    "fields",
    "-E",
    "occurrence=a",
    "-e",
    "ip.checksum.status",
    "-e",
    "tcp.checksum.status",
    "-e",
    "udp.checksum.status",
    "-e",
    "icmp.checksum.status",
    "-e",
    "icmpv6.checksum.status",
    "-e",
    "igmp.checksum.status"
  };

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Payload.class)
  void leavesNoAddressBehind(Payload payload) {
    final Anonymiser anonymiser = anonymiser(payload);
    SecretFrames.all()
        .forEach((name, frame) ->
            assertHidden(apply(anonymiser, frame, LinkType.ETHERNET), name + ", " + payload));
  }

  /** What is cut off takes no checksum along, and what is left shows no part of an address. */
  @ParameterizedTest
  @EnumSource(Payload.class)
  void leavesNoPartOfAnAddressInFramesCutAnywhere(Payload payload) {
    final Anonymiser anonymiser = anonymiser(payload);
    SecretFrames.all()
        .forEach((name, frame) -> {
          for (int length = 0; length < frame.length; length++) {
            final byte[] cut = apply(anonymiser, Arrays.copyOf(frame, length), LinkType.ETHERNET);
            assertHidden(cut, name + ", " + payload + " cut to " + length);
            for (byte[] secret : SecretFrames.secrets()) {
              final byte[] tail = Arrays.copyOf(secret, 3);
              assertThat(cut.length >= 3 && Arrays.mismatch(end(cut, 3), tail) < 0)
                  .as("%s, %s cut to %d ends in part of an address", name, payload, length)
                  .isFalse();
            }
          }
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = Payload.class,
      names = {"KEEP", "BLANK"})
  void keepsEveryChecksumRight(Payload payload) throws Exception {
    final Anonymiser anonymiser = anonymiser(payload);
    final List<byte[]> before = new ArrayList<>(SecretFrames.all().values());
    // Fragments are looked at below.
    SampleFrames.all().stream().filter(frame -> !isFragment(frame)).forEach(before::add);
    final List<String> right = statuses("before-" + payload, before);
    final List<byte[]> after =
        before.stream().map(frame -> apply(anonymiser, frame, LinkType.ETHERNET)).toList();
    assertThat(right).noneMatch(line -> line.contains("0"));
    assertThat(String.join("", right)).contains("1");
    final List<String> still = statuses("after-" + payload, after);
    for (int i = 0; i < before.size(); i++) {
      assertThat(still.get(i))
          .as("frame %d: %s", i, HexFormat.of().formatHex(after.get(i)))
          .doesNotContain("0")
          .startsWith(payload == Payload.KEEP ? right.get(i) : "");
    }
  }

  @Test
  void leavesWrongChecksumsAsWrongAsTheyWere() {
    final Anonymiser anonymiser = anonymiser(Payload.BLANK);
    for (byte[] frame :
        List.of(
            Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").tcp(1, 2, 0).payload(40).bytes(),
            Frames.ethernet().ipv6("2001:db8::1", "2001:db8::2").udp(1, 2).payload(3).bytes())) {
      final int transport = frame[12] == 8 ? 34 + 16 : 54 + 6;
      final byte[] wrong = frame.clone();
      add(wrong, transport, 0x1234);
      final byte[] right = apply(anonymiser, frame, LinkType.ETHERNET);
      add(right, transport, 0x1234);
      assertThat(apply(anonymiser, wrong, LinkType.ETHERNET)).isEqualTo(right);
    }
    final byte[] none = Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
    none[40] = 0;
    none[41] = 0;
    assertThat(Arrays.copyOfRange(apply(anonymiser, none, LinkType.ETHERNET), 40, 42))
        .containsOnly(0);
  }

  /** Blanked alike, the fragments add up to a datagram whose checksum is right. */
  @Test
  void makesTheChecksumOfAFragmentedDatagramRight() throws Exception {
    final byte[] payload = new byte[96];
    new Random(7).nextBytes(payload);
    final List<byte[]> frames = new ArrayList<>();
    for (boolean ipv6 : new boolean[] {false, true}) {
      final Frames whole = addressed(ipv6);
      final byte[] datagram = whole.udp(7, 8).payload(payload).bytes();
      final int start = ipv6 ? 54 : 34;
      for (int offset = 0; offset < 104; offset += 48) {
        final byte[] part =
            Arrays.copyOfRange(
                datagram, start + offset, Math.min(datagram.length, start + offset + 48));
        frames.add(
            addressed(ipv6)
                .fragment(99, offset, offset < 96)
                .protocol(Frames.UDP)
                .payload(part)
                .bytes());
      }
    }
    for (Payload kind : List.of(Payload.KEEP, Payload.BLANK)) {
      final Anonymiser anonymiser = anonymiser(kind);
      final List<String> lines =
          statuses(
              "fragments-" + kind,
              frames.stream().map(frame -> apply(anonymiser, frame, LinkType.ETHERNET)).toList());
      assertThat(lines.get(2)).as("%s: %s", kind, lines).isEqualTo("1\t\t1\t\t\t");
      assertThat(lines.get(5)).as("%s: %s", kind, lines).isEqualTo("\t\t1\t\t\t");
    }
  }

  private static Frames addressed(boolean ipv6) {
    return ipv6
        ? Frames.ethernet().ipv6("2001:db8::1", "2001:db8::2")
        : Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2");
  }

  @Test
  void blanksOrCutsBehindTheInnermostHeader() {
    final byte[] frame =
        Frames.ethernet().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload(20).bytes();
    final byte[] padded = Arrays.copyOf(frame, 64);
    Arrays.fill(padded, frame.length, 64, (byte) 0x55);
    assertThat(apply(anonymiser(Payload.DROP), padded, LinkType.ETHERNET)).hasSize(42);
    final byte[] blank = apply(anonymiser(Payload.BLANK), padded, LinkType.ETHERNET);
    assertThat(blank).hasSize(64);
    assertThat(Arrays.copyOfRange(blank, 42, 64)).containsOnly(0);
    final byte[] kept = apply(anonymiser(Payload.KEEP), padded, LinkType.ETHERNET);
    assertThat(Arrays.copyOfRange(kept, 42, 64)).isEqualTo(Arrays.copyOfRange(padded, 42, 64));
    final byte[] vxlan = SecretFrames.named("vxlan");
    assertThat(apply(anonymiser(Payload.DROP), vxlan, LinkType.ETHERNET)).hasSize(42 + 8 + 42);
    final byte[] unknown = Frames.ethernet().type(0x88cc).payload(30).bytes();
    assertThat(apply(anonymiser(Payload.DROP), unknown, LinkType.ETHERNET)).hasSize(14);
  }

  @Test
  void leavesWhatItIsToldToLeave() {
    final byte[] frame = SecretFrames.named("tcp");
    final Anonymisation nothing =
        new Anonymisation("n", Path.of("k"), false, List.of(), Macs.KEEP, Payload.KEEP);
    assertThat(apply(new Anonymiser(nothing, CryptoPanTest.REFERENCE_KEY), frame, 1))
        .isEqualTo(frame);
    final Anonymisation vendors =
        new Anonymisation("n", Path.of("k"), false, List.of(), Macs.HASH_KEEP_OUI, Payload.KEEP);
    final byte[] hashed = apply(new Anonymiser(vendors, CryptoPanTest.REFERENCE_KEY), frame, 1);
    assertThat(Arrays.copyOf(hashed, 3)).isEqualTo(Arrays.copyOf(frame, 3));
    assertThat(Arrays.copyOfRange(hashed, 3, 6)).isNotEqualTo(Arrays.copyOfRange(frame, 3, 6));
    assertThat(Arrays.copyOfRange(hashed, 12, hashed.length))
        .isEqualTo(Arrays.copyOfRange(frame, 12, frame.length));
  }

  @Test
  void readsEveryLinkType() {
    final Anonymiser anonymiser = anonymiser(Payload.KEEP);
    final byte[] ethernet = SecretFrames.named("tcp");
    final byte[] packet = Arrays.copyOfRange(ethernet, 14, ethernet.length);
    final byte[] expected =
        Arrays.copyOfRange(apply(anonymiser, ethernet, LinkType.ETHERNET), 14, ethernet.length);
    final String address = "0006" + HexFormat.of().formatHex(SecretFrames.MAC_A) + "4142";
    final Map<Integer, String> headers =
        Map.of(
            LinkType.RAW, "",
            LinkType.RAW_DLT, "",
            LinkType.IPV4, "",
            LinkType.NULL, "02000000",
            LinkType.LOOP, "00000002",
            LinkType.LINUX_SLL, "00000001" + address + "0800",
            LinkType.LINUX_SLL2, "0800000000000002000100" + address.substring(2));
    headers.forEach((linkType, hex) -> {
      final byte[] header = HexFormat.of().parseHex(hex);
      final byte[] frame = Arrays.copyOf(header, header.length + packet.length);
      System.arraycopy(packet, 0, frame, header.length, packet.length);
      final byte[] result = apply(anonymiser, frame, linkType);
      assertHidden(result, "link type " + linkType);
      assertThat(Arrays.copyOfRange(result, header.length, result.length)).isEqualTo(expected);
    });
    assertThat(apply(anonymiser, packet, 147)).containsOnly(0);
  }

  @Test
  void doesTheSameWithTheSameKeyOnly() {
    final byte[] frame = SecretFrames.named("geneve");
    final byte[] first = apply(anonymiser(Payload.KEEP), frame, LinkType.ETHERNET);
    assertThat(apply(anonymiser(Payload.KEEP), frame, LinkType.ETHERNET)).isEqualTo(first);
    final byte[] key = CryptoPanTest.REFERENCE_KEY.clone();
    key[20] ^= 4;
    assertThat(apply(new Anonymiser(config(Payload.KEEP), key), frame, 1)).isNotEqualTo(first);
  }

  @Test
  void survivesMutatedFramesAndWritesNowhereElse() {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    final List<byte[]> frames = new ArrayList<>(SecretFrames.all().values());
    final Anonymiser[] all =
        Arrays.stream(Payload.values()).map(AnonymiserTest::anonymiser).toArray(Anonymiser[]::new);
    for (int i = 0; i < 100_000; i++) {
      final byte[] sample = frames.get(random.nextInt(frames.size()));
      final byte[] frame = Arrays.copyOf(sample, random.nextInt(sample.length) + 1);
      for (int n = random.nextInt(5); n > 0; n--) {
        frame[random.nextInt(Math.min(frame.length, 120))] = (byte) random.nextInt();
      }
      final byte[] memory = new byte[frame.length + 32];
      Arrays.fill(memory, (byte) 0x5a);
      System.arraycopy(frame, 0, memory, 16, frame.length);
      final int linkType = random.nextInt(8) == 0 ? random.nextInt(280) : LinkType.ETHERNET;
      final int kept;
      try {
        kept = all[i % 3].apply(new UnsafeBuffer(memory), 16, frame.length, linkType);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(frame), e);
      }
      assertThat(kept).as("seed %d", seed).isBetween(0, frame.length);
      for (int edge = 0; edge < 16; edge++) {
        assertThat(memory[edge]).isEqualTo((byte) 0x5a);
        assertThat(memory[memory.length - 1 - edge]).isEqualTo((byte) 0x5a);
      }
    }
  }

  @Test
  void allocatesNothing() {
    final var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    final Anonymiser anonymiser = anonymiser(Payload.BLANK);
    final UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
    final byte[][] frames = SecretFrames.all().values().toArray(byte[][]::new);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      final long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 5_000; i++) {
        final byte[] frame = frames[i % frames.length];
        buffer.putBytes(0, frame);
        buffer.putInt(26, i * round);
        anonymiser.apply(buffer, 0, frame.length, LinkType.ETHERNET);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
  }

  @Test
  void takesAKeyOnlyFromAFileThatNotEverybodyReads() throws Exception {
    final Path file = folder.resolve("key");
    Files.writeString(file, HexFormat.of().formatHex(CryptoPanTest.REFERENCE_KEY) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    final byte[] frame = SecretFrames.named("udp");
    assertThat(apply(new Anonymiser(of(file)), frame, 1))
        .isEqualTo(apply(anonymiser(Payload.BLANK), frame, 1));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertRefused(file, "everybody may read or write this key: chmod o= " + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "15 22");
    assertRefused(
        file, "holds no key: write 64 hexadecimal digits, as `openssl rand -hex 32` prints");
    assertRefused(
        folder.resolve("none"),
        "there is no such key file: write 64 hexadecimal digits, as `openssl rand -hex 32` prints");
  }

  private static void assertRefused(Path file, String problem) {
    assertThatThrownBy(() -> new Anonymiser(of(file)))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ": " + problem);
  }

  private static Anonymisation of(Path key) {
    return new Anonymisation(
        "n", key, true, Anonymisation.KEEP_MULTICAST, Macs.HASH, Payload.BLANK);
  }

  private static Anonymisation config(Payload payload) {
    return new Anonymisation(
        "n", Path.of("k"), true, Anonymisation.KEEP_MULTICAST, Macs.HASH, payload);
  }

  private static Anonymiser anonymiser(Payload payload) {
    return new Anonymiser(config(payload), CryptoPanTest.REFERENCE_KEY);
  }

  private static byte[] apply(Anonymiser anonymiser, byte[] frame, int linkType) {
    final byte[] copy = frame.clone();
    final int kept = anonymiser.apply(new UnsafeBuffer(copy), 0, copy.length, linkType);
    return Arrays.copyOf(copy, kept);
  }

  private List<String> statuses(String name, List<byte[]> frames) throws Exception {
    final Path capture = folder.resolve(name + ".pcap");
    Tshark.write(capture, frames, 1_700_000_000_000_000_000L);
    return Tshark.read(capture, CHECKED);
  }

  private static boolean isFragment(byte[] frame) {
    final int type = ByteBuffer.wrap(frame).getShort(12) & 0xffff;
    return (type == Frames.TYPE_IPV4 && (ByteBuffer.wrap(frame).getShort(20) & 0x3fff) != 0)
        || (type == Frames.TYPE_IPV6 && frame[20] == Frames.FRAGMENT);
  }

  private static void add(byte[] frame, int at, int value) {
    final ByteBuffer bytes = ByteBuffer.wrap(frame);
    final int sum = (bytes.getShort(at) & 0xffff) + value;
    bytes.putShort(at, (short) (sum % 0xffff));
  }

  private static byte[] end(byte[] bytes, int length) {
    return Arrays.copyOfRange(bytes, bytes.length - length, bytes.length);
  }

  private static void assertHidden(byte[] frame, String what) {
    final String hex = HexFormat.of().formatHex(frame);
    for (byte[] secret : SecretFrames.secrets()) {
      final String digits = HexFormat.of().formatHex(secret);
      for (int at = hex.indexOf(digits); at >= 0; at = hex.indexOf(digits, at + 1)) {
        assertThat(at % 2).as("%s: %s is in %s", what, digits, hex).isEqualTo(1);
      }
    }
  }
}
