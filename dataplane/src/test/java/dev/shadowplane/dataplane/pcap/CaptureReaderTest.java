package dev.shadowplane.dataplane.pcap;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CaptureReaderTest {
  private static final byte[] ABCDE = {1, 2, 3, 4, 5};
  private static final byte[] XYZ = {9, 8, 7};

  record Frame(long ns, int original, int linkType, int index, int direction, List<Byte> bytes) {}

  static Frame frame(long ns, int original, int linkType, int index, int direction, byte... data) {
    return new Frame(ns, original, linkType, index, direction, list(data));
  }

  private static List<Byte> list(byte[] data) {
    List<Byte> list = new ArrayList<>();
    for (byte b : data) {
      list.add(b);
    }
    return list;
  }

  static CaptureReader open(byte[] file) throws IOException {
    return new CaptureReader(Channels.newChannel(new ByteArrayInputStream(file)), "test.cap");
  }

  /** Reads to the end or the damage; frames before it stay in the list. */
  static void readInto(byte[] file, List<Frame> frames) throws IOException {
    try (CaptureReader reader = open(file)) {
      while (reader.next()) {
        byte[] data = new byte[reader.capturedLengthBytes()];
        reader.frame().getBytes(0, data);
        byte[] native_ = new byte[data.length];
        new UnsafeBuffer(reader.frameAddress(), data.length).getBytes(0, native_);
        assertThat(native_).isEqualTo(data);
        frames.add(
            new Frame(
                reader.timestampNs(),
                reader.originalLengthBytes(),
                reader.linkType(),
                reader.interfaceIndex(),
                reader.direction(),
                list(data)));
      }
      assertThat(reader.next()).isFalse();
    }
  }

  private static List<Frame> read(byte[] file) throws IOException {
    List<Frame> frames = new ArrayList<>();
    readInto(file, frames);
    return frames;
  }

  static Stream<ByteOrder> orders() {
    return Stream.of(LITTLE_ENDIAN, BIG_ENDIAN);
  }

  @ParameterizedTest
  @MethodSource("orders")
  void pcapInMicroAndNanoseconds(ByteOrder order) throws IOException {
    for (int magic : new int[] {0xA1B2C3D4, 0xA1B23C4D}) {
      byte[] file =
          new CaptureBytes(order)
              .pcapHeader(magic, 4, 0xF000_0071)
              .pcapRecord(-1, 999_999, 5, 1_500, ABCDE)
              .pcapRecord(1, 2, 0, -1, new byte[0])
              .bytes();
      long unit = magic == 0xA1B2C3D4 ? 1_000 : 1;
      assertThat(read(file))
          .containsExactly(
              frame(4_294_967_295_000_000_000L + 999_999 * unit, 1_500, 0x71, 0, 0, ABCDE),
              frame(1_000_000_000L + 2 * unit, Integer.MAX_VALUE, 0x71, 0, 0));
    }
  }

  @Test
  void oldPcapSwapsItsLengthsAndKuznetzovsHasLongerHeaders() throws IOException {
    byte[] swapped =
        new CaptureBytes(BIG_ENDIAN)
            .pcapHeader(0xA1B2C3D4, 2, 1)
            .pcapRecord(0, 0, 60, 3, XYZ)
            .bytes();
    assertThat(read(swapped)).containsExactly(frame(0, 60, 1, 0, 0, XYZ));
    byte[] kuznetzov =
        new CaptureBytes(LITTLE_ENDIAN)
            .pcapHeader(0xA1B2CD34, 4, 1)
            .pcapRecord(0, 1, 3, 60, new byte[8])
            .raw(XYZ)
            .bytes();
    assertThat(read(kuznetzov)).containsExactly(frame(1_000, 60, 1, 0, 0, XYZ));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void pcapngWithSectionsInterfacesAndEveryPacketBlock(ByteOrder order) throws IOException {
    ByteOrder other = order == LITTLE_ENDIAN ? BIG_ENDIAN : LITTLE_ENDIAN;
    CaptureBytes first = new CaptureBytes(order);
    first.section().describeInterface(1, 0).block(0x0BAD, new byte[2_000_001]);
    first.describeInterface(101, 4, first.option(2, (byte) 'x'), first.resolution(9));
    first.enhancedPacket(1, 123_456_789_012L, 99, ABCDE, first.option(1, XYZ), flags(order, 2));
    first.enhancedPacket(0, 7, 5, ABCDE, flags(order, 3)).simplePacket(5, ABCDE);
    first.obsoletePacket(0, 8, 3, XYZ);
    CaptureBytes second = new CaptureBytes(other);
    second.section().describeInterface(113, 3, second.resolution(3)).simplePacket(60, XYZ);
    second.block(5, new byte[12]).enhancedPacket(0, 11, 3, XYZ, flags(other, 1));
    byte[] file = first.raw(second.bytes()).bytes();
    assertThat(read(file))
        .containsExactly(
            frame(123_456_789_012L, 99, 101, 1, Direction.OUTBOUND, ABCDE),
            frame(7_000, 5, 1, 0, Direction.UNKNOWN, ABCDE),
            frame(0, 5, 1, 0, Direction.UNKNOWN, ABCDE),
            frame(8_000, 3, 1, 0, Direction.UNKNOWN, XYZ),
            frame(0, 60, 113, 2, Direction.UNKNOWN, XYZ),
            frame(11_000_000, 3, 113, 2, Direction.INBOUND, XYZ));
  }

  private static byte[] flags(ByteOrder order, int value) {
    CaptureBytes bytes = new CaptureBytes(order);
    return bytes.option(2, CaptureBytes.buffer(order, 4).putInt(value).array());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 5, 5000000000",
    "6, 0, 1700000000123456, 1700000000123456000",
    "9, 100, 5, 100000000005",
    "9, -1, 5, -999999995",
    "12, 0, 5999, 5",
    "12, 0, -1, 18446744073709551",
    "28, 0, -1, 1",
    "29, 0, -1, 0",
    "127, 0, -1, 0",
    "128, 0, 3, 3000000000",
    "129, 0, 3, 1500000000",
    "160, 0, 7301444403200000000, 1700000000000000000",
    "191, 0, -1, 1999999999",
    "192, 0, -1, 999999999",
    "193, 0, -1, 499999999",
    "255, 0, -1, 0",
    "6, 0, -1, 9223372036854775807",
    "0, 0, 9223372037, 9223372036854775807",
    "128, 0, -1, 9223372036854775807",
    "9, 9223372036854775807, 5, 9223372036854775807",
    "9, -9223372036854775808, 0, -9223372036854775808",
  })
  void clockResolutions(int resolution, long offset, long units, long expectedNs)
      throws IOException {
    CaptureBytes file = new CaptureBytes(BIG_ENDIAN).section();
    file.describeInterface(1, 0, file.resolution(resolution), file.offset(offset));
    file.enhancedPacket(0, units, 3, XYZ);
    assertThat(read(file.bytes())).containsExactly(frame(expectedNs, 3, 1, 0, 0, XYZ));
  }

  @Test
  void whatPrecedesATruncationIsDelivered() throws IOException {
    CaptureBytes ng = new CaptureBytes(LITTLE_ENDIAN).section().describeInterface(1, 0);
    CaptureBytes classic = new CaptureBytes(LITTLE_ENDIAN).pcapHeader(0xA1B2C3D4, 4, 1);
    List<Integer> ngEnds = new ArrayList<>(List.of(28, ng.bytes().length));
    List<Integer> classicEnds = new ArrayList<>(List.of(24));
    for (int i = 0; i < 3; i++) {
      ngEnds.add(ng.enhancedPacket(0, i, 5, ABCDE).bytes().length);
      classicEnds.add(classic.pcapRecord(i, 0, 5, 5, ABCDE).bytes().length);
    }
    checkTruncations(ng.bytes(), ngEnds, 2);
    checkTruncations(classic.bytes(), classicEnds, 1);
  }

  private static void checkTruncations(byte[] file, List<Integer> ends, int headers)
      throws IOException {
    for (int length = 0; length <= file.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(file, length);
      int limit = length;
      List<Integer> whole = ends.stream().filter(end -> end <= limit).toList();
      List<Frame> frames = new ArrayList<>();
      if (ends.contains(length)) {
        readInto(cut, frames);
      } else {
        int damage = whole.isEmpty() ? 0 : whole.getLast();
        assertThatThrownBy(() -> readInto(cut, frames))
            .isInstanceOfSatisfying(
                CaptureException.class,
                e -> {
                  assertThat(e.offsetBytes()).isEqualTo(damage);
                  assertThat(e.file()).isEqualTo("test.cap");
                });
      }
      assertThat(frames).hasSize(Math.max(0, whole.size() - headers));
    }
  }

  private static void assertDamage(CaptureBytes file, int frames, String message) {
    List<Frame> before = new ArrayList<>();
    assertThatThrownBy(() -> readInto(file.bytes(), before))
        .isInstanceOf(CaptureException.class)
        .hasMessage("test.cap: offset " + message);
    assertThat(before).hasSize(frames);
  }

  private static CaptureBytes ng() {
    return new CaptureBytes(LITTLE_ENDIAN).section().describeInterface(1, 0);
  }

  @Test
  void liesAreNamed() {
    assertDamage(
        new CaptureBytes(LITTLE_ENDIAN).raw(new byte[] {1, 2, 3, 4}),
        0,
        "0: no capture: 04030201 opens neither a pcap nor a pcapng file");
    assertDamage(
        new CaptureBytes(LITTLE_ENDIAN)
            .pcapHeader(0xA1B2C3D4, 4, 1)
            .pcapRecord(0, 0, 5, 5, ABCDE)
            .pcapRecord(0, 0, -1, 5, ABCDE),
        1,
        "45: captured length 4294967295 exceeds 262144");
    CaptureBytes later = ng().enhancedPacket(0, 1, 5, ABCDE);
    assertDamage(
        later.enhancedPacket(1, 1, 5, ABCDE),
        1,
        "88: packet of interface 1, but the" + " section has described 1");
    assertDamage(
        ng().raw(CaptureBytes.ints(6, -4, 0)), 0, "48: block length 4294967292 exceeds 1048576");
    assertDamage(
        ng().raw(CaptureBytes.ints(6, 33, 0)),
        0,
        "48: block length 33 is not a multiple of 4 of at least 32");
    assertDamage(
        ng().raw(CaptureBytes.ints(6, 32, 0, 0, 0, 1, 0, 32)),
        0,
        "48: captured length 1 leaves its block of 32 bytes");
    assertDamage(
        ng().raw(CaptureBytes.ints(6, 32, 0, 0, 0, 0, 0, 36)),
        0,
        "48: block lengths disagree: 32 before and 36 after");
    assertDamage(
        ng().raw(CaptureBytes.ints(0xBAD, -4, 0)),
        0,
        "48: block of 4294967292 bytes cut short by the end of the file");
    assertDamage(
        new CaptureBytes(LITTLE_ENDIAN).section().block(1, CaptureBytes.ints(1, 0, 0xFFFF_0002)),
        0,
        "28: interface option 2 of 65535 bytes leaves its block");
    assertDamage(
        new CaptureBytes(LITTLE_ENDIAN).section().simplePacket(5, ABCDE),
        0,
        "28: packet of interface 0, but the section has described 0");
    assertDamage(
        ng().raw(CaptureBytes.ints(0x0A0D0D0A, 28, 0x1A2B3C4D, 2, -1, -1, 28)),
        0,
        "48: pcapng version 2.0 is not supported, only 1.x");
  }

  @Test
  void interfacesAreBounded() {
    CaptureBytes file = new CaptureBytes(LITTLE_ENDIAN).section();
    for (int i = 0; i <= InterfaceTable.MAX_INTERFACES; i++) {
      file.describeInterface(1, 0);
    }
    assertDamage(file, 0, "1310748: more than 65536 interfaces in a section");
  }
}
