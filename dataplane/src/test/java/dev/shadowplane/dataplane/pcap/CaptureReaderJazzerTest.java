package dev.shadowplane.dataplane.pcap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;

/** Any bytes are read to a clean end or to damage that is named; never beyond themselves. */
final class CaptureReaderJazzerTest {
  private final EthernetFramer framer = new EthernetFramer();
  private final UnsafeBuffer target =
      new UnsafeBuffer(new byte[CaptureFormat.MAX_FRAME_BYTES + EthernetFramer.MAX_GROWTH_BYTES]);

  @FuzzTest(maxDuration = "60s")
  void readsAnything(byte[] file) throws IOException {
    long captured = 0;
    try (CaptureReader reader = CaptureReaderTest.open(file)) {
      while (reader.next()) {
        final int length = reader.capturedLengthBytes();
        captured += length;
        assertThat(reader.frame().capacity()).isEqualTo(length);
        assertThat(reader.direction()).isBetween(0, 2);
        assertThat(reader.interfaceIndex()).isNotNegative();
        final int copied = framer.copy(reader.frame(), 0, length, reader.linkType(), target, 0);
        assertThat(copied).isBetween(LinkLayer.NONE, length + EthernetFramer.MAX_GROWTH_BYTES);
      }
      assertThat(reader.next()).isFalse();
    } catch (CaptureException e) {
      assertThat(e.offsetBytes()).isBetween(0L, (long) file.length);
      assertThat(e.getMessage()).hasLineCount(1);
    }
    assertThat(captured).isLessThanOrEqualTo(file.length);
  }
}
