package dev.shadowplane.dataplane.ipfix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a collector makes of the messages of one session, by RFC 7011 alone. Whatever the RFC
 * forbids fails the test.
 */
final class Decoder {
  /** Whose element; 0 is IANA. */
  record Element(long enterprise, int number) {}

  /** One field of a template. */
  record Specifier(Element element, int length) {}

  /** A data record. */
  record DataRecord(int template, Map<Element, byte[]> fields) {
    boolean has(long enterprise, int number) {
      return fields.containsKey(new Element(enterprise, number));
    }

    byte[] bytes(long enterprise, int number) {
      final byte[] value = fields.get(new Element(enterprise, number));
      assertThat(value).as("element %d of enterprise %d", number, enterprise).isNotNull();
      return java.util.Objects.requireNonNull(value);
    }

    long number(long enterprise, int number) {
      long value = 0;
      for (byte b : bytes(enterprise, number)) {
        value = (value << 8) | (b & 0xff);
      }
      return value;
    }

    double real(long enterprise, int number) {
      return Double.longBitsToDouble(number(enterprise, number));
    }

    /** An NTP time of the era that began in 1900, or of the next before 1968. */
    long ns(long enterprise, int number) {
      final long ntp = number(enterprise, number);
      long seconds = ntp >>> 32;
      if ((seconds & 0x8000_0000L) == 0) {
        seconds += 1L << 32;
      }
      final double fraction = (ntp & 0xffff_ffffL) / 4_294_967_296.0;
      return (seconds - 2_208_988_800L) * 1_000_000_000 + Math.round(fraction * 1_000_000_000);
    }
  }

  private final Map<Integer, List<Specifier>> templates = new HashMap<>();
  private final List<DataRecord> records = new ArrayList<>();
  private final List<Integer> announced = new ArrayList<>();
  private final List<Integer> lengths = new ArrayList<>();
  private final List<Long> exportTimes = new ArrayList<>();
  private long sequence;
  private long domain;

  /** Of a session from its beginning. */
  Decoder() {
    this(0);
  }

  /** Of a session of which so many records went before. */
  Decoder(long sequence) {
    this.sequence = sequence;
  }

  /** Takes one message. */
  void message(ByteBuffer message) {
    final int length = message.remaining();
    assertThat(message.getShort()).as("version").isEqualTo((short) 10);
    assertThat(message.getShort() & 0xffff).as("length").isEqualTo(length);
    exportTimes.add(message.getInt() & 0xffff_ffffL);
    assertThat(message.getInt() & 0xffff_ffffL).as("sequence").isEqualTo(sequence & 0xffff_ffffL);
    domain = message.getInt() & 0xffff_ffffL;
    lengths.add(length);
    while (message.hasRemaining()) {
      assertThat(message.remaining()).as("room for a set header").isGreaterThanOrEqualTo(4);
      final int id = message.getShort() & 0xffff;
      final int setLength = message.getShort() & 0xffff;
      assertThat(setLength).as("set length").isBetween(5, message.remaining() + 4);
      final ByteBuffer set = message.slice(message.position(), setLength - 4);
      message.position(message.position() + setLength - 4);
      if (id == 2) {
        templates(set);
      } else {
        assertThat(id).as("set id").isGreaterThanOrEqualTo(256);
        data(id, set);
      }
    }
  }

  /** Takes as many whole messages as there are. */
  void messages(ByteBuffer stream) {
    while (stream.remaining() >= 16) {
      final int length = stream.getShort(stream.position() + 2) & 0xffff;
      if (length > stream.remaining()) {
        return;
      }
      message(stream.slice(stream.position(), length));
      stream.position(stream.position() + length);
    }
  }

  private void templates(ByteBuffer set) {
    while (set.remaining() >= 4) {
      final int id = set.getShort() & 0xffff;
      final int count = set.getShort() & 0xffff;
      assertThat(id).as("template id").isGreaterThanOrEqualTo(256);
      assertThat(count).as("fields").isPositive();
      final List<Specifier> fields = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        final int number = set.getShort() & 0xffff;
        final int length = set.getShort() & 0xffff;
        final long enterprise = (number & 0x8000) == 0 ? 0 : set.getInt() & 0xffff_ffffL;
        fields.add(new Specifier(new Element(enterprise, number & 0x7fff), length));
      }
      assertThat(fields).as("elements").extracting(Specifier::element).doesNotHaveDuplicates();
      final List<Specifier> before = templates.put(id, fields);
      if (before != null) {
        assertThat(fields).as("a repeated template").isEqualTo(before);
      }
      announced.add(id);
    }
    assertPadding(set);
  }

  private void data(int id, ByteBuffer set) {
    final List<Specifier> template = templates.get(id);
    assertThat(template).as("template %d, sent before its records", id).isNotNull();
    final List<Specifier> fields = java.util.Objects.requireNonNull(template);
    final int length = fields.stream().mapToInt(Specifier::length).sum();
    assertThat(set.remaining()).as("room for a record").isGreaterThanOrEqualTo(length);
    while (set.remaining() >= length) {
      final Map<Element, byte[]> values = new LinkedHashMap<>();
      for (Specifier field : fields) {
        final byte[] value = new byte[field.length()];
        set.get(value);
        values.put(field.element(), value);
      }
      records.add(new DataRecord(id, values));
      sequence++;
    }
    assertPadding(set);
  }

  private static void assertPadding(ByteBuffer rest) {
    assertThat(rest.remaining()).as("padding").isLessThan(4);
    while (rest.hasRemaining()) {
      assertThat(rest.get()).as("padding").isZero();
    }
  }

  List<DataRecord> records() {
    return records;
  }

  /** Template ids in the order of their announcements. */
  List<Integer> announced() {
    return announced;
  }

  /** Of the messages, in bytes. */
  List<Integer> lengths() {
    return lengths;
  }

  /** Seconds since 1970, one a message. */
  List<Long> exportTimes() {
    return exportTimes;
  }

  long domain() {
    return domain;
  }
}
