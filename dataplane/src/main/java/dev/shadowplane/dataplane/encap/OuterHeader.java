package dev.shadowplane.dataplane.encap;

import static dev.shadowplane.dpdk.NativeMemory.getLong;
import static dev.shadowplane.dpdk.NativeMemory.putByte;
import static dev.shadowplane.dpdk.NativeMemory.putInt;
import static dev.shadowplane.dpdk.NativeMemory.putLong;
import static dev.shadowplane.dpdk.NativeMemory.putShort;

import dev.shadowplane.dataplane.config.CollectorConfig;
import dev.shadowplane.dataplane.config.CollectorConfig.TooLong;
import dev.shadowplane.dataplane.config.Encapsulation;
import dev.shadowplane.dpdk.NativeMemory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What goes before a frame on its way to a collector: Ethernet, a tag if there is one, IP, and the
 * header of the encapsulation. Built once as a template, which is copied by words and of which then
 * only lengths, checksum, entropy, sequence and time are set. A worker's own; allocates nothing
 * after it was made.
 *
 * <p>UDP checksums are 0: over IPv4 as RFC 7348 wants, over IPv6 as RFC 6935 allows for tunnels,
 * since the payload would have to be read.
 */
final class OuterHeader {
  /** The longest header: Ethernet with a tag, IPv6 with a fragment header, GRE and ERSPAN III. */
  static final int MAX_BYTES = 128;

  private static final int HALF_BYTES = 64;

  private static final int FRAGMENT_BYTES = 8;
  private static final int MAX_IPV4_BYTES = 65_535;
  private static final int MORE_FRAGMENTS = 0x2000;

  /** Dynamic ports (RFC 6335), among which RFC 7348 wants the source port. */
  private static final int FIRST_DYNAMIC_PORT = 0xc000;

  private static final int PORT_ENTROPY = 0x3fff;
  private static final int FLOW_LABEL = 0xf_ffff;

  /** Units of the ERSPAN III timestamp, as granularity 01 says. */
  private static final int ERSPAN_TICK_NS = 100;

  private final NextHop nextHop;
  private final AtomicInteger sequences;
  private final HeaderTemplate parts;
  private final boolean ipv6;
  private final TooLong tooLong;
  private final int mtu;
  private final int identificationStep;

  /** The template's end is the end of this. */
  private final long template = NativeMemory.allocate(MAX_BYTES, 64);

  private final int headerBytes;
  private final int ipBytes;
  private final int tunnelBytes;
  private final int ipSum;
  private final boolean overUdp;
  private final boolean identified;
  private long mac = NextHop.UNRESOLVED;
  private int identification;
  private int sequence;
  private int ingressPort;
  private int timestamp;

  /**
   * A header.
   *
   * @param config of the collector
   * @param sourceMac 48 bits, the first byte in the highest
   * @param mtu the longest outer IP packet
   * @param nextHop shared by workers
   * @param sequences likewise
   * @param worker the worker's index, below {@code workers}, which identifies fragments apart
   * @param workers how many there are
   */
  OuterHeader(
      CollectorConfig config,
      long sourceMac,
      int mtu,
      NextHop nextHop,
      AtomicInteger sequences,
      int worker,
      int workers) {
    this.parts = new HeaderTemplate(config, sourceMac);
    this.nextHop = nextHop;
    this.sequences = sequences;
    this.mtu = mtu;
    this.ipv6 = config.isIpv6();
    this.tooLong = config.tooLong();
    this.identification = worker;
    this.identificationStep = workers;
    final byte[] bytes = parts.bytes();
    this.headerBytes = bytes.length;
    this.ipBytes = parts.ipBytes();
    this.tunnelBytes = parts.tunnelBytes();
    this.ipSum = parts.ipSum();
    this.overUdp = config.udpPort() != 0;
    this.identified = tooLong == TooLong.FRAGMENT;
    NativeMemory.copy(bytes, template + MAX_BYTES - headerBytes, headerBytes);
  }

  NextHop nextHop() {
    return nextHop;
  }

  TooLong tooLong() {
    return tooLong;
  }

  /** Whether the header bears the time. */
  boolean stamps() {
    return parts.encapsulation() == Encapsulation.ERSPAN3;
  }

  /** Whether the header bears the outermost tag of the frame. */
  boolean tellsTag() {
    return parts.isSequenced();
  }

  /** How many bytes the header has, without a fragment header. */
  int bytes() {
    return headerBytes;
  }

  /** What an IP packet carries before the frame. */
  int tunnelBytes() {
    return tunnelBytes;
  }

  /** The longest frame that fits into one outer packet. */
  int maxInnerBytes() {
    return mtu - ipBytes - tunnelBytes;
  }

  /** The longest frame that fits into one outer datagram, in however many fragments. */
  int maxDatagramBytes() {
    return MAX_IPV4_BYTES - ipBytes - tunnelBytes;
  }

  /** What a fragment that is not the last carries: a multiple of 8. */
  int fragmentPayloadBytes() {
    return (mtu - ipBytes - (ipv6 ? FRAGMENT_BYTES : 0)) & ~7;
  }

  /** The header before what the first fragment carries of the frame. */
  int firstFragmentHeaderBytes() {
    return headerBytes + (ipv6 ? FRAGMENT_BYTES : 0);
  }

  /** The header of a later fragment. */
  int laterFragmentHeaderBytes() {
    return firstFragmentHeaderBytes() - tunnelBytes;
  }

  /**
   * Prepares for a burst.
   *
   * @param frames how many may follow: so many sequence numbers are taken, and one that is not sent
   *     leaves a gap that the collector sees
   * @param ingress index of the port that received them
   * @param stampNs when, since the epoch
   * @return whether the next hop is known
   */
  boolean begin(int frames, int ingress, long stampNs) {
    final long known = nextHop.mac();
    if (known == NextHop.UNRESOLVED) {
      return false;
    }
    if (known != mac) {
      mac = known;
      final long at = template + MAX_BYTES - headerBytes;
      putInt(at, Integer.reverseBytes((int) (known >>> 16)));
      putShort(at + 4, swap((int) known));
    }
    if (parts.isSequenced()) {
      sequence = sequences.getAndAdd(frames);
      ingressPort = ingress;
      timestamp = (int) (stampNs / ERSPAN_TICK_NS);
    }
    return true;
  }

  /**
   * Writes the header of a packet that is sent whole.
   *
   * @param inner where the frame begins; up to {@link #MAX_BYTES} before it are written, of which
   *     {@link #bytes()} count
   * @param innerBytes the frame's length
   * @param hash of its flow
   * @param tci its outermost tag, or {@link HeaderOffsets#NONE}
   * @param truncated whether it is not all there
   */
  void write(long inner, int innerBytes, int hash, int tci, boolean truncated) {
    copy(inner - HALF_BYTES, template + MAX_BYTES - HALF_BYTES);
    if (headerBytes > HALF_BYTES) {
      copy(inner - MAX_BYTES, template);
    }
    final int payload = tunnelBytes + innerBytes;
    ip(inner - tunnelBytes - ipBytes, payload, hash, 0, identified);
    tunnel(inner - tunnelBytes, payload, hash, tci, truncated);
  }

  /**
   * Writes the header of a first fragment.
   *
   * @param inner where the frame begins; {@link #firstFragmentHeaderBytes()} before it are written
   * @param innerBytes the whole frame's length
   * @param hash of its flow
   * @param tci its outermost tag, or {@link HeaderOffsets#NONE}
   * @param truncated whether it is not all there
   */
  void writeFirst(long inner, int innerBytes, int hash, int tci, boolean truncated) {
    final long to = inner - tunnelBytes;
    NativeMemory.copy(template + MAX_BYTES - tunnelBytes, to, tunnelBytes);
    tunnel(to, tunnelBytes + innerBytes, hash, tci, truncated);
    identification += identificationStep;
    fragment(to, fragmentPayloadBytes(), hash, MORE_FRAGMENTS);
  }

  /**
   * Writes the header of a fragment that is not the first, behind the call for the first.
   *
   * @param data where what it carries begins; {@link #laterFragmentHeaderBytes()} before it are
   *     written
   * @param payload how many bytes it carries
   * @param hash of its flow
   * @param offset of those bytes in the datagram, a multiple of 8
   * @param last whether it is the last
   */
  void writeLater(long data, int payload, int hash, int offset, boolean last) {
    fragment(data, payload, hash, (offset / 8) | (last ? 0 : MORE_FRAGMENTS));
  }

  private void fragment(long data, int payload, int hash, int fragment) {
    final int extra = ipv6 ? FRAGMENT_BYTES : 0;
    final long ip = data - extra - ipBytes;
    final int linkAndIp = headerBytes - tunnelBytes;
    NativeMemory.copy(template + MAX_BYTES - headerBytes, data - extra - linkAndIp, linkAndIp);
    if (!ipv6) {
      ipv4(ip, payload, fragment, identification);
      return;
    }
    ip(ip, payload + extra, hash, 0, false);
    putByte(ip + 6, HeaderTemplate.FRAGMENT);
    putByte(data - 8, parts.protocol());
    putByte(data - 7, 0);
    // In IPv6 the offset lies in the upper 13 bits, the mark of more in the lowest.
    putShort(data - 6, swap(((fragment & MORE_FRAGMENTS) >>> 13) | ((fragment & 0x1fff) << 3)));
    putInt(data - 4, Integer.reverseBytes(identification));
  }

  /** Without a loop: what is in front of a shorter header is headroom that nobody reads. */
  private static void copy(long to, long from) {
    putLong(to, getLong(from));
    putLong(to + 8, getLong(from + 8));
    putLong(to + 16, getLong(from + 16));
    putLong(to + 24, getLong(from + 24));
    putLong(to + 32, getLong(from + 32));
    putLong(to + 40, getLong(from + 40));
    putLong(to + 48, getLong(from + 48));
    putLong(to + 56, getLong(from + 56));
  }

  private void ip(long ip, int payload, int hash, int fragment, boolean identified) {
    if (ipv6) {
      putInt(ip, Integer.reverseBytes(parts.ipv6FirstWord() | (hash & FLOW_LABEL)));
      putShort(ip + 4, swap(payload));
    } else if (identified) {
      identification += identificationStep;
      ipv4(ip, payload, fragment, identification);
    } else {
      // An atomic datagram, whose identification means nothing (RFC 6864).
      ipv4(ip, payload, fragment, 0);
    }
  }

  private void ipv4(long ip, int payload, int fragment, int id) {
    final int length = ipBytes + payload;
    putShort(ip + 2, swap(length));
    putShort(ip + 4, swap(id));
    // Never both: the template forbids fragments only where none are made.
    if (fragment != 0) {
      putShort(ip + 6, swap(fragment));
    }
    int sum = ipSum + length + (id & 0xffff) + fragment;
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    putShort(ip + 10, swap(~sum));
  }

  private void tunnel(long to, int payload, int hash, int tci, boolean truncated) {
    if (overUdp) {
      putShort(to, swap(FIRST_DYNAMIC_PORT | (hash & PORT_ENTROPY)));
      putShort(to + 4, swap(payload));
      return;
    }
    switch (parts.encapsulation()) {
      case ERSPAN2 -> {
        putInt(to + 4, Integer.reverseBytes(sequence++));
        putInt(to + 8, Integer.reverseBytes(parts.erspanFirstWord(tci, truncated)));
        putInt(to + 12, Integer.reverseBytes(ingressPort));
      }
      case ERSPAN3 -> {
        putInt(to + 4, Integer.reverseBytes(sequence++));
        putInt(to + 8, Integer.reverseBytes(parts.erspanFirstWord(tci, truncated)));
        putInt(to + 12, Integer.reverseBytes(timestamp));
        putInt(to + 16, Integer.reverseBytes(parts.erspan3LastWord(ingressPort)));
      }
      default -> {}
    }
  }

  private static int swap(int value) {
    return Short.reverseBytes((short) value);
  }
}
