package dev.shadowplane.dataplane.analytics;

import static dev.shadowplane.dataplane.analytics.RawMemory.getUnsignedShort;

import dev.shadowplane.dataplane.packet.EtherType;
import dev.shadowplane.dataplane.packet.PacketRecord;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Takes records one by one: IP packets go to the flow table, also those malformed past their
 * addresses; malformed frames and those that are not IP are counted. Not thread-safe; allocates
 * nothing but in {@link #notIp}.
 */
final class RecordIntake {
  private final FlowTable table;
  private final long[] etherTypes = new long[1 << 16];
  private long records;
  private long malformed;
  private long notIp;

  RecordIntake(FlowTable table) {
    this.table = table;
  }

  /**
   * Takes one record.
   *
   * @param record its address
   * @param timestampNs its time
   */
  void take(long record, long timestampNs) {
    if (isIp(record, getUnsignedShort(record))) {
      table.update(record, timestampNs);
    }
  }

  /**
   * Takes records, faster than one by one.
   *
   * @param batch their addresses, which may be reordered
   * @param timestampsNs their times, likewise
   * @param count how many, at most {@link FlowTable#BATCH}
   */
  void take(long[] batch, long[] timestampsNs, int count) {
    int ip = 0;
    for (int i = 0; i < count; i++) {
      final long record = batch[i];
      if (isIp(record, getUnsignedShort(record))) {
        batch[ip] = record;
        timestampsNs[ip] = timestampsNs[i];
        ip++;
      }
    }
    table.update(batch, timestampsNs, ip);
  }

  private boolean isIp(long record, int head) {
    records++;
    final boolean bad = (head >>> Byte.SIZE & PacketRecord.FLAG_MALFORMED) != 0;
    malformed += bad ? 1 : 0;
    if ((head & 0xff) != PacketRecord.KIND_OTHER) {
      return true;
    }
    if (!bad) {
      notIp++;
      final int type = PacketRecord.number(getUnsignedShort(record + PacketRecord.ETHER_TYPE));
      etherTypes[type < EtherType.FIRST ? 0 : type]++;
    }
    return false;
  }

  /** Records taken, of any kind. */
  long records() {
    return records;
  }

  /** Malformed frames among them. */
  long malformed() {
    return malformed;
  }

  /** Frames among them that are neither malformed nor IP. */
  long notIpTotal() {
    return notIp;
  }

  /** Frames that are not IP by EtherType, those with a length instead under 0. */
  SortedMap<Integer, Long> notIp() {
    final SortedMap<Integer, Long> counts = new TreeMap<>();
    for (int type = 0; type < etherTypes.length; type++) {
      if (etherTypes[type] != 0) {
        counts.put(type, etherTypes[type]);
      }
    }
    return counts;
  }
}
