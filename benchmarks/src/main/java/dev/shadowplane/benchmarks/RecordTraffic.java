package dev.shadowplane.benchmarks;

import static dev.shadowplane.dpdk.NativeMemory.getInt;
import static dev.shadowplane.dpdk.NativeMemory.putByte;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;
import static dev.shadowplane.dpdk.NativeMemory.putShort;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dataplane.packet.RecordExtension;
import dev.shadowplane.dataplane.telemetry.RecordRing;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.SplittableRandom;

/**
 * Bursts of records of TCP connections between random ends, in both directions at random: segments
 * in order, one of 64 sent again, each acknowledging what came from the other side.
 */
final class RecordTraffic {
  private static final int BURST = 32;
  private static final int PAYLOAD_BYTES = 100;
  private static final int HEADERS_BYTES = 54;
  private static final int IP_BYTES = 40 + PAYLOAD_BYTES;
  private static final int TCP = 6;
  private static final int ACK = 0x10;
  private static final int NETWORK = 10;
  private static final int SENT_AGAIN = 64;

  private final int flows;
  private final boolean full;
  private final RecordRing ring;
  private final int recordBytes;
  private final SplittableRandom random = new SplittableRandom(1);

  /** Two u32 a flow: what each side has sent. */
  private final long sequences;

  private int opened;

  /**
   * Traffic of so many connections.
   *
   * @param flows up to {@link Frames#MAX_FLOWS}
   * @param full whether records have extensions
   * @param ring takes the records
   */
  RecordTraffic(int flows, boolean full, RecordRing ring) {
    this.flows = flows;
    this.full = full;
    this.ring = ring;
    recordBytes = PacketRecord.SHORT_BYTES + (full ? RecordExtension.BYTES : 0);
    sequences = NativeMemory.allocate((long) flows * Long.BYTES, Long.BYTES);
  }

  /**
   * Whether every connection has had a record.
   *
   * @return false while they come in turn
   */
  boolean isOpened() {
    return opened == flows;
  }

  /**
   * Fills the ring with bursts.
   *
   * @param fromNs time of the first; each is a ns later than the one before
   * @return records written
   */
  long fill(long fromNs) {
    final int length = RecordRing.BATCH_HEADER_LENGTH + BURST * recordBytes;
    long records = 0;
    for (int at = ring.claim(length); at >= 0; at = ring.claim(length)) {
      long record = ring.buffer().addressOffset() + at;
      putLong(record + RecordRing.BATCH_TIMESTAMP_OFFSET, fromNs + records / BURST);
      putLong(record + RecordRing.BATCH_COUNT_OFFSET, BURST);
      record += RecordRing.BATCH_HEADER_LENGTH;
      for (int i = 0; i < BURST; i++) {
        write(record, opened < flows ? opened++ : random.nextInt(flows));
        record += recordBytes;
      }
      ring.commit(at);
      records += BURST;
    }
    return records;
  }

  private void write(long record, int flow) {
    final int side = random.nextInt() & 1;
    final int client = Integer.reverseBytes((NETWORK << 24) + flow);
    final int server = Integer.reverseBytes(((NETWORK + 1) << 24) + (flow >>> 4));
    final int clientPort = Short.toUnsignedInt(Short.reverseBytes((short) (1024 + (flow & 0xfff))));
    final int serverPort = 0x5000;
    putInt(record, PacketRecord.KIND_IPV4 | (full ? PacketRecord.FLAG_FULL << 8 : 0));
    putInt(record + PacketRecord.FRAME_LENGTH, HEADERS_BYTES + PAYLOAD_BYTES);
    putLong(record + PacketRecord.IP_LENGTH, 0);
    putShort(record + PacketRecord.IP_LENGTH, Short.reverseBytes((short) IP_BYTES));
    putByte(record + PacketRecord.TCP_FLAGS, ACK);
    putByte(record + PacketRecord.PROTOCOL, TCP);
    putInt(
        record + PacketRecord.SOURCE_PORT,
        side == 0 ? clientPort | serverPort << 16 : serverPort | clientPort << 16);
    putInt(record + PacketRecord.SOURCE_ADDRESS, side == 0 ? client : server);
    putInt(record + PacketRecord.DESTINATION_ADDRESS_IPV4, side == 0 ? server : client);
    if (full) {
      writeExtension(record + PacketRecord.SHORT_BYTES, flow, side);
    }
  }

  private void writeExtension(long extension, int flow, int side) {
    final long sent = sequences + (long) flow * Long.BYTES + (long) side * Integer.BYTES;
    final long received = sequences + (long) flow * Long.BYTES + (1L - side) * Integer.BYTES;
    final int next = getInt(sent);
    final boolean again = random.nextInt() % SENT_AGAIN == 0 && next != 0;
    putLong(extension + RecordExtension.DESTINATION_MAC, 0x0102_0000_0002L);
    putLong(extension + RecordExtension.SOURCE_MAC, 0x0202_0000_0002L);
    putInt(
        extension + RecordExtension.TCP_SEQUENCE,
        Integer.reverseBytes(again ? next - PAYLOAD_BYTES : next));
    putInt(extension + RecordExtension.TCP_ACKNOWLEDGEMENT, Integer.reverseBytes(getInt(received)));
    putInt(extension + RecordExtension.TCP_WINDOW, 0xffff | PAYLOAD_BYTES << 16);
    putInt(extension + RecordExtension.VNI, RecordExtension.FLAG_TCP << 24);
    putInt(extension + RecordExtension.RULE, 1 | 64 << 24);
    if (!again) {
      putInt(sent, next + PAYLOAD_BYTES);
    }
  }
}
