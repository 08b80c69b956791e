package dev.shadowplane.dataplane.ipfix;

import dev.shadowplane.dataplane.analytics.Flow;
import java.nio.ByteBuffer;
import java.util.function.ToLongFunction;

/**
 * A field of a template: an information element and where its value comes from.
 *
 * @param element the element's number, 1 to 32,767
 * @param enterprise whose number that is, 0 for IANA
 * @param bytes how long its value is
 * @param value writes so many bytes
 */
record Field(int element, long enterprise, int bytes, Value value) {
  /** The enterprise number of IANA's elements about the answers (RFC 5103, section 6.1). */
  static final long REVERSE_ENTERPRISE = 29_305;

  private static final int ENTERPRISE_BIT = 0x8000;

  /** Writes one field of a flow in network byte order. */
  @FunctionalInterface
  interface Value {
    void put(Flow flow, ByteBuffer to);
  }

  /** An element of IANA's registry whose value is a number or can be seen as one. */
  static Field iana(int element, int bytes, ToLongFunction<Flow> value) {
    return number(element, 0, bytes, value);
  }

  /** A number, the low bytes of it. */
  static Field number(int element, long enterprise, int bytes, ToLongFunction<Flow> value) {
    return new Field(
        element,
        enterprise,
        bytes,
        (flow, to) -> {
          final long number = value.applyAsLong(flow);
          for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            to.put((byte) (number >>> shift));
          }
        });
  }

  /** Bytes of the field's specifier in a template (RFC 7011, section 3.2). */
  int specifierBytes() {
    return enterprise == 0 ? 4 : 8;
  }

  void putSpecifier(ByteBuffer to) {
    if (enterprise == 0) {
      to.putShort((short) element).putShort((short) bytes);
    } else {
      to.putShort((short) (element | ENTERPRISE_BIT)).putShort((short) bytes);
      to.putInt((int) enterprise);
    }
  }
}
