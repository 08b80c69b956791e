package dev.shadowplane.dataplane.pcap;

import java.util.Arrays;

/** The interfaces of the current pcapng section, and the conversion of their clocks. */
final class InterfaceTable {
  /** More interfaces than this in one section are taken for an attack on memory. */
  static final int MAX_INTERFACES = 65_536;

  private static final int BINARY_RESOLUTION = 0x80;
  private static final int NANO_EXPONENT = 9;
  private static final long NANOS = 1_000_000_000L;
  private static final long[] POWERS_OF_TEN = new long[20];

  static {
    POWERS_OF_TEN[0] = 1;
    for (int i = 1; i < POWERS_OF_TEN.length; i++) {
      POWERS_OF_TEN[i] = POWERS_OF_TEN[i - 1] * 10;
    }
  }

  private int[] linkTypes = new int[8];
  private long[] snapLengths = new long[8];
  private int[] resolutions = new int[8];
  private long[] offsetsSeconds = new long[8];
  private int count;
  private int firstIndex;

  int count() {
    return count;
  }

  /** Of all sections so far. */
  long total() {
    return (long) firstIndex + count;
  }

  /** Begins a section; indices go on counting over the whole file. */
  void newSection() {
    firstIndex += count;
    count = 0;
  }

  void add(int linkType, long snapLength, int resolution, long offsetSeconds) {
    if (count == linkTypes.length) {
      int length = count * 2;
      linkTypes = Arrays.copyOf(linkTypes, length);
      snapLengths = Arrays.copyOf(snapLengths, length);
      resolutions = Arrays.copyOf(resolutions, length);
      offsetsSeconds = Arrays.copyOf(offsetsSeconds, length);
    }
    linkTypes[count] = linkType;
    snapLengths[count] = snapLength;
    resolutions[count] = resolution;
    offsetsSeconds[count] = offsetSeconds;
    count++;
  }

  int linkType(int id) {
    return linkTypes[id];
  }

  long snapLength(int id) {
    return snapLengths[id];
  }

  int globalIndex(int id) {
    return firstIndex + id;
  }

  /** Nanoseconds since the epoch, saturated to the range of a long. */
  long toNs(int id, long units) {
    long ns = toNs(units, resolutions[id]);
    long offset = offsetsSeconds[id];
    return offset == 0 ? ns : saturatedAdd(ns, saturatedSeconds(offset));
  }

  private static long toNs(long units, int resolution) {
    int exponent = resolution & ~BINARY_RESOLUTION;
    if ((resolution & BINARY_RESOLUTION) != 0) {
      return binaryToNs(units, exponent);
    }
    if (exponent <= NANO_EXPONENT) {
      long factor = POWERS_OF_TEN[NANO_EXPONENT - exponent];
      return units < 0 || units > Long.MAX_VALUE / factor ? Long.MAX_VALUE : units * factor;
    }
    int divisor = exponent - NANO_EXPONENT;
    if (divisor >= POWERS_OF_TEN.length) {
      return 0;
    }
    long ns = Long.divideUnsigned(units, POWERS_OF_TEN[divisor]);
    return ns < 0 ? Long.MAX_VALUE : ns;
  }

  private static long binaryToNs(long units, int exponent) {
    if (exponent == 0) {
      return units < 0 ? Long.MAX_VALUE : saturatedSeconds(units);
    }
    if (exponent >= Long.SIZE) {
      return Math.unsignedMultiplyHigh(units, NANOS) >>> (exponent - Long.SIZE);
    }
    long fraction = units & ((1L << exponent) - 1);
    long high = Math.unsignedMultiplyHigh(fraction, NANOS);
    long fractionNs = (high << (Long.SIZE - exponent)) | ((fraction * NANOS) >>> exponent);
    return saturatedAdd(saturatedSeconds(units >>> exponent), fractionNs);
  }

  private static long saturatedSeconds(long seconds) {
    long limit = Long.MAX_VALUE / NANOS;
    if (seconds > limit) {
      return Long.MAX_VALUE;
    }
    return seconds < -limit ? Long.MIN_VALUE : seconds * NANOS;
  }

  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    boolean overflow = ((a ^ sum) & (b ^ sum)) < 0;
    if (!overflow) {
      return sum;
    }
    return a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }
}
