package dev.shadowplane.dataplane.mirror;

import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;

import dev.shadowplane.dataplane.packet.PacketRecord;
import dev.shadowplane.dpdk.AclRules;
import java.util.ArrayList;
import java.util.List;

/**
 * A packet's record as fields: of comparisons one by one, and of librte_acl, for which a record is
 * the key, or the beginning of one when rules are about MAC addresses too. The one place that knows
 * the record's layout.
 */
final class RecordFields {
  /** Index of the conditions on {@link PacketRecord#FLAGS}: one byte. */
  static final int FLAGS = 0;

  /** Kind, flags, ingress port and DS field; the masks below select. */
  static final int HEAD = 1;

  static final int HEAD_DSCP_SHIFT = 2;
  static final int HEAD_DSCP = 0x3f << HEAD_DSCP_SHIFT;
  static final int HEAD_INGRESS_SHIFT = 8;
  static final int HEAD_INGRESS = 0xff << HEAD_INGRESS_SHIFT;

  /** IP length and outer TCI. */
  static final int VLAN = 2;

  static final int VID_MASK = 0xfff;

  /** Inner TCI, TCP flags and protocol. */
  static final int INNER_VLAN = 3;

  static final int INNER_VLAN_SHIFT = 16;
  static final int TCP_FLAGS_SHIFT = 8;
  static final int PROTOCOL_MASK = 0xff;

  /** Of IP only, as all that follow but the MAC addresses. */
  static final int SOURCE_PORT = 4;

  static final int DESTINATION_PORT = 5;

  /** First of one word (IPv4) or four (IPv6) of the source address; the destination's follow. */
  static final int ADDRESSES = 6;

  /**
   * Bytes behind the record in a key with MAC addresses. In such a key the kind, which the table
   * implies, makes room for whether there are addresses.
   */
  static final int MAC_BYTES = 12;

  /** Where a key with MAC addresses has 1 if there are addresses. */
  static final int KEY_MACS_THERE = PacketRecord.KIND;

  static final int HEAD_MACS_THERE_SHIFT = 24;

  /** Words of the ports' absence. */
  static final int WITHOUT_PORTS = PacketRecord.FLAG_LATER_FRAGMENT | PacketRecord.FLAG_PORTLESS;

  private RecordFields() {}

  /** Fields of the keys of one kind of record, for librte_acl. */
  static List<AclRules.Field> of(int kind) {
    final List<AclRules.Field> fields = new ArrayList<>();
    fields.add(new AclRules.Field(PacketRecord.FLAGS, 1, false));
    fields.add(word(PacketRecord.KIND));
    fields.add(word(PacketRecord.IP_LENGTH));
    fields.add(word(PacketRecord.INNER_VLAN_TCI));
    if (kind != PacketRecord.KIND_OTHER) {
      fields.add(new AclRules.Field(PacketRecord.SOURCE_PORT, Short.BYTES, true));
      fields.add(new AclRules.Field(PacketRecord.DESTINATION_PORT, Short.BYTES, true));
      for (int i = 0; i < 2 * addressWords(kind); i++) {
        fields.add(word(PacketRecord.SOURCE_ADDRESS + i * Integer.BYTES));
      }
    }
    for (int i = 0; i < MAC_BYTES; i += Integer.BYTES) {
      fields.add(word(PacketRecord.lengthBytes(kind) + i));
    }
    return fields;
  }

  /** 32-bit words of an address. */
  static int addressWords(int kind) {
    return kind == PacketRecord.KIND_IPV6 ? 4 : 1;
  }

  /** Index of the first MAC field. */
  static int macs(int kind) {
    return kind == PacketRecord.KIND_OTHER ? SOURCE_PORT : ADDRESSES + 2 * addressWords(kind);
  }

  private static AclRules.Field word(int offset) {
    return new AclRules.Field(offset, Integer.BYTES, false);
  }

  static int kind(long record) {
    return getUnsignedByte(record + PacketRecord.KIND);
  }

  static int dscp(long record) {
    return getUnsignedByte(record + PacketRecord.TRAFFIC_CLASS) >>> HEAD_DSCP_SHIFT;
  }

  static int flags(long record) {
    return getUnsignedByte(record + PacketRecord.FLAGS);
  }

  static int ingress(long record) {
    return getUnsignedByte(record + PacketRecord.INGRESS_PORT);
  }

  static int protocol(long record) {
    return getUnsignedByte(record + PacketRecord.PROTOCOL);
  }

  static int tcpFlags(long record) {
    return getUnsignedByte(record + PacketRecord.TCP_FLAGS);
  }

  /** The outermost tag's VLAN, or 0. */
  static int vlan(long record) {
    return u16(record + PacketRecord.VLAN_TCI) & VID_MASK;
  }

  /** The second tag's VLAN, or 0. */
  static int innerVlan(long record) {
    return u16(record + PacketRecord.INNER_VLAN_TCI) & VID_MASK;
  }

  static int sourcePort(long record) {
    return u16(record + PacketRecord.SOURCE_PORT);
  }

  static int destinationPort(long record) {
    return u16(record + PacketRecord.DESTINATION_PORT);
  }

  private static int u16(long at) {
    return PacketRecord.number(getUnsignedShort(at));
  }
}
