package dev.shadowplane.dataplane.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpTextTest {
  /** The rules of RFC 5952, sections 4 and 5. */
  @ParameterizedTest
  @CsvSource({
    "2001:0db8:0:0:0:0:0:1, 2001:db8::1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:00FF, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff",
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "1:0:0:0:0:0:0:0, 1::",
    "0:1:0:0:0:0:0:0, 0:1::",
    "0:0:1:0:0:0:1:0, 0:0:1::1:0",
    "64:ff9b:0:0:0:0:c000:0221, 64:ff9b::c000:221"
  })
  void writesTheCanonicalForm(String literal, String canonical) throws Exception {
    assertThat(ipv6(InetAddress.ofLiteral(literal).getAddress())).isEqualTo(canonical);
  }

  @Test
  void writesMappedAddressesWithADottedEnd() {
    final byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = (byte) 192;
    mapped[14] = 2;
    mapped[15] = 33;
    assertThat(ipv6(mapped)).isEqualTo("::ffff:192.0.2.33");
  }

  @Test
  void writesWhatReadsBackTheSame() throws Exception {
    final long seed = System.nanoTime();
    final Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      final byte[] address = new byte[16];
      random.nextBytes(address);
      for (int group = 0; group < 16; group += 2) {
        if (random.nextBoolean()) {
          address[group] = 0;
          address[group + 1] = 0;
        }
      }
      assertThat(InetAddress.ofLiteral(ipv6(address)).getAddress())
          .as("seed %d", seed)
          .isEqualTo(address);
      final int ipv4 = random.nextInt();
      assertThat(IpText.ipv4(ipv4))
          .as("seed %d", seed)
          .isEqualTo(
              InetAddress.getByAddress(
                      ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(ipv4).array())
                  .getHostAddress());
    }
  }

  private static String ipv6(byte[] address) {
    final ByteBuffer buffer = ByteBuffer.wrap(address).order(ByteOrder.LITTLE_ENDIAN);
    return IpText.ipv6(buffer.getLong(0), buffer.getLong(8));
  }
}
