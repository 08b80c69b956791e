package dev.shadowplane.dataplane.pcap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LinkLayerTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "1,   0200000000020200000000010806, 0806",
        "1,   0200000000020200000000010026, 0026",
        "101, '',                           none",
        "101, 45,                           0800",
        "101, 60,                           86dd",
        "101, 50,                           none",
        "12,  45,                           0800",
        "14,  60,                           86dd",
        "228, '',                           0800",
        "229, '',                           86dd",
        "0,   02000000,                     0800",
        "0,   00000002,                     0800",
        "0,   1e000000,                     86dd",
        "0,   0000001c,                     86dd",
        "0,   18000000,                     86dd",
        "0,   0a000000,                     86dd",
        "0,   07000000,                     none",
        "108, 00000002,                     0800",
        "108, 02000000,                     none",
        "113, 00000001000602000000000100000800,         0800",
        "113, 00040304000600000000000000000004,         none",
        "113, 00000338000000000000000000000800,         none",
        "276, 86dd0000000000020001000602000000000100ff, 86dd",
        "276, 0003000000000002033a000602000000000100ff, none",
        "147, 4500,                         none",
      })
  void tellsTheEtherTypeOfEveryLinkType(int linkType, String header, @Nullable String type) {
    final byte[] frame = HexFormat.of().parseHex(header);
    final byte[] shifted = new byte[frame.length + 3];
    System.arraycopy(frame, 0, shifted, 3, frame.length);
    assertThat(LinkLayer.etherType(new UnsafeBuffer(shifted), 3, frame.length, linkType))
        .isEqualTo(type == null ? LinkLayer.NONE : Integer.parseInt(type, 16));
    for (int length = 0; length < LinkLayer.headerBytes(linkType); length++) {
      assertThat(LinkLayer.etherType(new UnsafeBuffer(shifted), 3, length, linkType))
          .isEqualTo(LinkLayer.NONE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "101, ''",
    "0,   02000000",
    "108, 00000002",
    "113, 00000001000602000000000100000800",
    "276, 0800000000000002000100060200000000010000",
  })
  void putsAnEthernetHeaderInThePlaceOfTheirs(int linkType, String header) {
    final byte[] packet = HexFormat.of().parseHex("4500001400000000400600007f0000017f000001");
    final byte[] link = HexFormat.of().parseHex(header);
    final byte[] frame = Arrays.copyOf(link, link.length + packet.length);
    System.arraycopy(packet, 0, frame, link.length, packet.length);
    final byte[] expected = new byte[14 + packet.length];
    System.arraycopy(HexFormat.of().parseHex("0200000000025254000000010800"), 0, expected, 0, 14);
    System.arraycopy(packet, 0, expected, 14, packet.length);
    final EthernetFramer framer = new EthernetFramer(0x0200_0000_0002L, 0x5254_0000_0001L);
    final byte[] target = new byte[100];
    final int length =
        framer.copy(
            new UnsafeBuffer(frame), 0, frame.length, linkType, new UnsafeBuffer(target), 5);
    assertThat(Arrays.copyOfRange(target, 5, 5 + length)).isEqualTo(expected);
    assertThat(length).isEqualTo(frame.length + EthernetFramer.growthBytes(linkType));
  }

  @Test
  void copiesEthernetAsItIsAndRefusesWhatNoEthernetFrameCarries() {
    final byte[] frame = HexFormat.of().parseHex("07000000000202000000000108060001");
    final byte[] target = new byte[frame.length];
    final EthernetFramer framer = new EthernetFramer();
    assertThat(
            framer.copy(new UnsafeBuffer(frame), 0, frame.length, 1, new UnsafeBuffer(target), 0))
        .isEqualTo(frame.length);
    assertThat(target).isEqualTo(frame);
    for (int linkType : new int[] {147, 101, 0, 113}) {
      assertThat(
              framer.copy(
                  new UnsafeBuffer(frame), 0, frame.length, linkType, new UnsafeBuffer(target), 0))
          .isEqualTo(LinkLayer.NONE);
    }
    assertThat(EthernetFramer.growthBytes(147)).isEqualTo(Integer.MIN_VALUE);
  }
}
