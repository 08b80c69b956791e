package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import dev.shadowplane.dataplane.analytics.Flow.Direction;
import dev.shadowplane.dataplane.analytics.Flow.Measures;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What a record tells about one direction of a flow. About the answers it has the same numbers,
 * marked as reverse: IANA's under the enterprise number that RFC 5103 gives them, those of our own
 * by a bit of the number (RFC 5103, section 6.2).
 *
 * @param element number of the element, of IANA's registry or our own
 * @param bytes how long it is
 * @param ours whether it is sent under the configured enterprise number
 * @param value the value, floating-point ones as their bits
 */
record DirectionElement(int element, int bytes, boolean ours, ToLongFunction<Direction> value) {
  private static final int REVERSE_BIT = 0x4000;

  /** Known about every flow. */
  static final List<DirectionElement> COUNTS =
      List.of(
          iana(1, 8, Direction::ipBytes), // octetDeltaCount
          iana(2, 8, Direction::packets), // packetDeltaCount
          iana(352, 8, Direction::bytes), // layer2OctetDeltaCount
          ours(2, direction -> NtpTime.of(direction.lastSeenNs())));

  /** Known about every flow, 0 for other protocols than TCP. */
  static final List<DirectionElement> FLAGS =
      List.of(iana(6, 2, Direction::tcpFlags)); // tcpControlBits

  /** Known about answers; what the initiator sent begins with the flow. */
  static final List<DirectionElement> BEGIN_OF_ANSWERS =
      List.of(ours(1, direction -> NtpTime.of(direction.firstSeenNs())));

  /** Known where there were full records. */
  static final List<DirectionElement> MEASURED =
      List.of(
          iana(52, 1, measured(Measures::minHopLimit)), // minimumTTL
          iana(53, 1, measured(Measures::maxHopLimit)), // maximumTTL
          iana(
              422, 8, measured(measures -> measures.sizeBytes().min())), // minimumLayer2TotalLength
          iana(
              423, 8, measured(measures -> measures.sizeBytes().max())), // maximumLayer2TotalLength
          ours(3, measured(Measures::packets)),
          ours(4, real(measures -> measures.sizeBytes().mean())),
          ours(5, real(measures -> measures.sizeBytes().standardDeviation())),
          ours(6, real(measures -> measures.gapNs().mean())),
          ours(7, real(measures -> measures.gapNs().standardDeviation())),
          ours(8, measured(measures -> measures.gapNs().min())),
          ours(9, measured(measures -> measures.gapNs().max())),
          ours(10, measured(Measures::retransmissions)),
          ours(11, measured(Measures::outOfOrder)),
          ours(12, measured(Measures::zeroWindows)),
          ours(13, real(measures -> measures.roundTrip().meanNs())),
          ours(14, measured(measures -> measures.roundTrip().minNs())));

  /**
   * Makes fields of elements.
   *
   * @param elements which
   * @param reverse whether they are about the answers
   * @param enterprise the number for those of our own, 0 to leave them out
   */
  static Stream<Field> fields(List<DirectionElement> elements, boolean reverse, long enterprise) {
    final Function<Flow, Direction> of = reverse ? Flow::dstToSrc : Flow::srcToDst;
    return elements.stream()
        .filter(element -> !element.ours || enterprise != IpfixConfig.NO_ENTERPRISE)
        .map(element ->
            Field.number(
                element.ours && reverse ? element.element | REVERSE_BIT : element.element,
                element.ours ? enterprise : reverse ? Field.REVERSE_ENTERPRISE : 0,
                element.bytes,
                flow -> element.value.applyAsLong(of.apply(flow))));
  }

  private static DirectionElement iana(int element, int bytes, ToLongFunction<Direction> value) {
    return new DirectionElement(element, bytes, false, value);
  }

  private static DirectionElement ours(int element, ToLongFunction<Direction> value) {
    return new DirectionElement(element, Long.BYTES, true, value);
  }

  private static ToLongFunction<Direction> measured(ToLongFunction<Measures> value) {
    return direction -> value.applyAsLong(Objects.requireNonNull(direction.measures()));
  }

  private static ToLongFunction<Direction> real(ToDoubleFunction<Measures> value) {
    return measured(measures -> Double.doubleToRawLongBits(value.applyAsDouble(measures)));
  }
}
