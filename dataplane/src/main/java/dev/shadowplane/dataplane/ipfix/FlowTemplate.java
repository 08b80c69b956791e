package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.EndReason;
import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.Flow.Details;
import dev.shadowplane.dataplane.config.MacAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The template of flows of one shape: a field for all that is known about such flows, and none for
 * what is not.
 *
 * <p>The flags of the answers come ahead of those of the initiator: nfdump 1.7.1 takes both for the
 * same element, and keeps the latter. No template has more fields than the 60 that Wireshark reads.
 */
final class FlowTemplate {
  /** Shapes of flows, 0 to this less one. */
  static final int SHAPES = 128;

  private static final int IPV6 = 1;
  private static final int VLAN = 2;
  private static final int TUNNEL = 4;
  private static final int DETAILS = 8;
  private static final int ANSWERED = 16;
  private static final int MEASURED = 32;
  private static final int ANSWERS_MEASURED = 64;

  /** Template ids begin here (RFC 7011, section 3.4.1). */
  private static final int FIRST_ID = 256;

  private static final int HEADER_BYTES = 4;
  private static final long MILLISECOND_NS = 1_000_000;
  private static final long INITIATOR = 1;
  private static final long VXLAN = 1;
  private static final int ENCAPSULATION_SHIFT = 56;

  private final int id;
  private final List<Field> fields;
  private final int recordBytes;
  private final int bytes;

  private FlowTemplate(int id, List<Field> fields) {
    this.id = id;
    this.fields = List.copyOf(fields);
    recordBytes = fields.stream().mapToInt(Field::bytes).sum();
    bytes = HEADER_BYTES + fields.stream().mapToInt(Field::specifierBytes).sum();
  }

  /** The shape of a flow. One without answers is told as a unidirectional one. */
  static int shapeOf(Flow flow) {
    final Details details = flow.details();
    final boolean answered = flow.dstToSrc().packets() > 0;
    return (flow.srcIp().indexOf(':') >= 0 ? IPV6 : 0)
        | (flow.vlan() == Flow.NO_VLAN ? 0 : VLAN)
        | (details == null ? 0 : DETAILS)
        | (details == null || details.vni() == Flow.UNKNOWN ? 0 : TUNNEL)
        | (answered ? ANSWERED : 0)
        | (flow.srcToDst().measures() == null ? 0 : MEASURED)
        | (answered && flow.dstToSrc().measures() != null ? ANSWERS_MEASURED : 0);
  }

  /**
   * The template of a shape.
   *
   * @param shape as {@link #shapeOf} gives it
   * @param biflow whether records tell who the initiator is
   * @param enterprise the number for elements of our own, 0 to leave them out
   */
  static FlowTemplate of(int shape, boolean biflow, long enterprise) {
    final List<Field> fields = new ArrayList<>();
    addKey(shape, fields);
    fields.add(Field.iana(152, 8, flow -> milliseconds(flow.firstSeenNs()))); // flowStart...
    fields.add(Field.iana(153, 8, flow -> milliseconds(flow.lastSeenNs()))); // flowEnd...
    fields.add(Field.iana(156, 8, flow -> NtpTime.of(flow.firstSeenNs()))); // ...Nanoseconds
    fields.add(Field.iana(157, 8, flow -> NtpTime.of(flow.lastSeenNs())));
    fields.add(Field.iana(136, 1, flow -> endReason(flow.end()))); // flowEndReason
    if (biflow) {
      fields.add(Field.iana(239, 1, _ -> INITIATOR)); // biflowDirection
    }
    final boolean answered = has(shape, ANSWERED);
    addDirection(DirectionElement.COUNTS, false, enterprise, fields);
    if (answered) {
      addDirection(DirectionElement.COUNTS, true, enterprise, fields);
      addDirection(DirectionElement.BEGIN_OF_ANSWERS, true, enterprise, fields);
      addDirection(DirectionElement.FLAGS, true, enterprise, fields);
    }
    addDirection(DirectionElement.FLAGS, false, enterprise, fields);
    if (has(shape, MEASURED)) {
      addDirection(DirectionElement.MEASURED, false, enterprise, fields);
    }
    if (has(shape, ANSWERS_MEASURED)) {
      addDirection(DirectionElement.MEASURED, true, enterprise, fields);
    }
    if (has(shape, DETAILS)) {
      addDetails(shape, enterprise, fields);
    }
    return new FlowTemplate(FIRST_ID + shape, fields);
  }

  private static void addKey(int shape, List<Field> fields) {
    if (has(shape, IPV6)) {
      fields.add(ipv6(27, Flow::srcIp)); // sourceIPv6Address
      fields.add(ipv6(28, Flow::dstIp)); // destinationIPv6Address
    } else {
      fields.add(ipv4(8, Flow::srcIp)); // sourceIPv4Address
      fields.add(ipv4(12, Flow::dstIp)); // destinationIPv4Address
    }
    fields.add(Field.iana(7, 2, Flow::srcPort)); // sourceTransportPort
    fields.add(Field.iana(11, 2, Flow::dstPort)); // destinationTransportPort
    fields.add(Field.iana(4, 1, Flow::protocol)); // protocolIdentifier
    if (has(shape, VLAN)) {
      fields.add(Field.iana(58, 2, Flow::vlan)); // vlanId
    }
  }

  private static void addDirection(
      List<DirectionElement> elements, boolean reverse, long enterprise, List<Field> fields) {
    DirectionElement.fields(elements, reverse, enterprise).forEach(fields::add);
  }

  private static void addDetails(int shape, long enterprise, List<Field> fields) {
    fields.add(
        detail(56, 0, 6, details -> MacAddress.of(details.srcMac()).value())); // sourceMac...
    fields.add(detail(80, 0, 6, details -> MacAddress.of(details.dstMac()).value()));
    if (has(shape, TUNNEL)) {
      fields.add(detail(351, 0, 8, FlowTemplate::segment)); // layer2SegmentId
    }
    if (enterprise != IpfixConfig.NO_ENTERPRISE) {
      fields.add(detail(15, enterprise, 8, Details::serverRttNs));
      fields.add(detail(16, enterprise, 8, Details::clientRttNs));
    }
  }

  /** RFC 7133: the encapsulation in the first byte. None has been assigned to Geneve. */
  private static long segment(Details details) {
    return details.tunnel().equals("vxlan")
        ? VXLAN << ENCAPSULATION_SHIFT | details.vni()
        : details.vni();
  }

  private static boolean has(int shape, int bit) {
    return (shape & bit) != 0;
  }

  private static long milliseconds(long ns) {
    return Math.floorDiv(ns, MILLISECOND_NS);
  }

  /** IANA's registry of values of flowEndReason. */
  private static long endReason(EndReason reason) {
    return switch (reason) {
      case IDLE -> 1;
      case ACTIVE, ONGOING -> 2;
      case CLOSED -> 3;
      case END_OF_INPUT -> 4;
      case EVICTED -> 5;
    };
  }

  private static Field detail(
      int element, long enterprise, int bytes, ToLongFunction<Details> value) {
    return Field.number(
        element,
        enterprise,
        bytes,
        flow -> value.applyAsLong(Objects.requireNonNull(flow.details())));
  }

  private static Field ipv4(int element, Function<Flow, String> address) {
    return new Field(
        element,
        0,
        4,
        (flow, to) -> to.put(InetAddress.ofLiteral(address.apply(flow)).getAddress()));
  }

  private static Field ipv6(int element, Function<Flow, String> address) {
    return new Field(
        element,
        0,
        16,
        (flow, to) -> {
          final InetAddress parsed = InetAddress.ofLiteral(address.apply(flow));
          if (!(parsed instanceof Inet6Address)) {
            // What Java takes for IPv4 is an IPv4-mapped address (RFC 4291, section 2.5.5.2).
            to.putLong(0).putInt(0xffff);
          }
          to.put(parsed.getAddress());
        });
  }

  /** The id by which data sets name it. */
  int id() {
    return id;
  }

  /** Bytes of the template record. */
  int bytes() {
    return bytes;
  }

  /** Bytes of a data record. */
  int recordBytes() {
    return recordBytes;
  }

  /** The fields in their order. */
  List<Field> fields() {
    return fields;
  }

  void putTemplate(ByteBuffer to) {
    to.putShort((short) id).putShort((short) fields.size());
    fields.forEach(field -> field.putSpecifier(to));
  }

  void putRecord(Flow flow, ByteBuffer to) {
    for (Field field : fields) {
      field.value().put(flow, to);
    }
  }
}
