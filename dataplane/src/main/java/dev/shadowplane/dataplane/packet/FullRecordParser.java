package dev.shadowplane.dataplane.packet;

import static dev.shadowplane.dpdk.NativeMemory.getUnsignedByte;
import static dev.shadowplane.dpdk.NativeMemory.getUnsignedShort;
import static dev.shadowplane.dpdk.NativeMemory.putByte;

/**
 * Makes full records: a {@link PacketRecord} with its {@link RecordExtension} right behind it. With
 * {@code inner}, a frame that VXLAN or Geneve carries is recorded in place of the one that carries
 * it, with the length of the latter, the tunnel and its network; one level deep. A frame whose
 * inner Ethernet header cannot be read is recorded as it is.
 *
 * <p>No frame makes it fail. Allocates nothing; one thread.
 */
public final class FullRecordParser {
  private static final int ETHERNET_BYTES = 14;

  private final FrameParser parser;
  private final FrameParser innerParser;
  private final TunnelHeader tunnel = new TunnelHeader();
  private final boolean inner;

  private long frame;
  private int available;
  private int network;
  private int transport;
  private boolean tunnelled;

  /**
   * A parser.
   *
   * @param flowHash fills {@link PacketRecord#FLOW_HASH}
   * @param inner whether tunnelled packets are recorded instead of those that carry them
   */
  public FullRecordParser(FlowHash flowHash, boolean inner) {
    this.parser = new FrameParser(flowHash);
    this.innerParser = new FrameParser(flowHash);
    this.inner = inner;
  }

  /**
   * Parses one frame.
   *
   * @param frame address of the first byte of its Ethernet header
   * @param available contiguous bytes that may be read there
   * @param frameLength its length on the wire, at least {@code available}
   * @param ingressPort goes into the record
   * @param record address of {@link PacketRecord#LONG_BYTES} and {@link RecordExtension#BYTES}, all
   *     the caller's
   * @return the flags written, {@link PacketRecord#FLAG_FULL} among them
   */
  public int parse(long frame, int available, int frameLength, int ingressPort, long record) {
    parser.parse(frame, available, frameLength, ingressPort, record);
    find(frame, available, frameLength, parser.networkOffset(), parser.transportOffset(), record);
    extend(record, RecordExtension.NO_RULE);
    return getUnsignedByte(record + PacketRecord.FLAGS);
  }

  /**
   * Finds what the frame of a lean record says beyond it, and puts the record of the packet inside
   * in its place where that is asked for.
   *
   * @param frame as for {@link #parse}; is read until {@link #extend}
   * @param available as for {@link #parse}
   * @param frameLength as for {@link #parse}
   * @param network what {@link FrameParser#networkOffset} was for it
   * @param transport what {@link FrameParser#transportOffset} was for it
   * @param record its record; {@link PacketRecord#LONG_BYTES} there are the caller's
   */
  public void find(
      long frame, int available, int frameLength, int network, int transport, long record) {
    this.frame = frame;
    this.available = available;
    this.network = network;
    this.transport = transport;
    tunnelled =
        TunnelHeader.mayBeTunnel(record)
            && tunnel.read(record, frame, available, frameLength, transport);
    if (inner && tunnelled && tunnel.inner() > 0) {
      enter(frameLength, record);
    }
  }

  private void enter(int frameLength, long record) {
    final int at = tunnel.inner();
    // Of a datagram in fragments, UDP tells the whole length.
    final boolean first =
        (getUnsignedByte(record + PacketRecord.FLAGS) & PacketRecord.FLAG_FIRST_FRAGMENT) != 0;
    final int end = first ? tunnel.end() : Math.min(tunnel.end(), frameLength);
    final int ipEnd =
        network + PacketRecord.number(getUnsignedShort(record + PacketRecord.IP_LENGTH));
    final int readable = Math.min(available, Math.min(end, ipEnd)) - at;
    if (readable < ETHERNET_BYTES) {
      return;
    }
    final int ingressPort = getUnsignedByte(record + PacketRecord.INGRESS_PORT);
    frame += at;
    available = readable;
    final int flags = innerParser.parse(frame, available, end - at, ingressPort, record);
    PacketRecord.putFrameLength(record, flags, frameLength);
    network = innerParser.networkOffset();
    transport = innerParser.transportOffset();
  }

  /**
   * Makes the record full that was given to {@link #find} last.
   *
   * @param record where it lies, with room for {@link RecordExtension#BYTES} behind it
   * @param rule goes into {@link RecordExtension#RULE}
   */
  public void extend(long record, int rule) {
    final long extension =
        record + PacketRecord.lengthBytes(getUnsignedByte(record + PacketRecord.KIND));
    RecordExtension.write(frame, available, network, transport, record, rule, extension);
    if (tunnelled) {
      RecordExtension.putTunnel(extension, tunnel.port(), tunnel.vni());
    }
    final int flags = getUnsignedByte(record + PacketRecord.FLAGS);
    putByte(record + PacketRecord.FLAGS, flags | PacketRecord.FLAG_FULL);
  }
}
