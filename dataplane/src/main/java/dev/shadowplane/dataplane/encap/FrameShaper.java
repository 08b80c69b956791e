package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.mirror.CopyShed;
import dev.shadowplane.dpdk.FrameMbuf;
import dev.shadowplane.dpdk.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * Makes of frames that lie in one piece what goes out to a port or a collector: rewritten, and
 * encapsulated, cut or in fragments, as {@link CopyTarget} does it by reference. One thread;
 * allocates nothing after it was made.
 */
public final class FrameShaper {
  private static final int MAX_FRAME_BYTES = 1 << 16;

  private final CopyShape shape;
  private final @Nullable CollectorLink link;
  private final @Nullable OuterHeader outer;
  private final int maxSentBytes;
  private final FrameEditor editor = new FrameEditor();
  private final FrameMbuf lent = new FrameMbuf();

  /** Room for an outer header, then for a frame. */
  private final long room =
      NativeMemory.allocate(OuterHeader.MAX_BYTES + FrameEditor.MAX_BYTES + MAX_FRAME_BYTES, 64);

  private final long inner = room + OuterHeader.MAX_BYTES;

  /** Takes what goes out. */
  @FunctionalInterface
  public interface Output {
    /**
     * Takes a packet.
     *
     * @param address its first byte; valid during the call
     * @param lengthBytes its length
     */
    void packet(long address, int lengthBytes);
  }

  /**
   * To a port.
   *
   * @param shape what is changed
   * @param maxSentBytes the longest frame that the port takes
   */
  public FrameShaper(CopyShape shape, int maxSentBytes) {
    this.shape = shape;
    this.link = null;
    this.outer = null;
    this.maxSentBytes = maxSentBytes;
  }

  /**
   * To a collector.
   *
   * @param shape what is changed
   * @param link to the collector
   * @param sender which of those who send to it this is
   * @param senders how many there are
   */
  public FrameShaper(CopyShape shape, CollectorLink link, int sender, int senders) {
    this.shape = shape;
    this.link = link;
    this.outer = link.header(sender, senders);
    this.maxSentBytes = MAX_FRAME_BYTES - 1;
  }

  /**
   * The longest frame that can be made anything of.
   *
   * @return bytes
   */
  public int maxFrameBytes() {
    return Math.min(maxSentBytes, MAX_FRAME_BYTES - 1);
  }

  /**
   * Whether {@link #shape} is to be told the hash of a flow.
   *
   * @return false when it does not matter
   */
  public boolean needsHash() {
    return outer != null;
  }

  /**
   * Whether it is known where to send to.
   *
   * @return false until the next hop has answered
   */
  public boolean isReachable() {
    return link == null || link.nextHop().mac() != NextHop.UNRESOLVED;
  }

  /**
   * Whether the next hop is to be asked for.
   *
   * @return true until {@link #question}
   */
  public boolean isQuestionDue() {
    return link != null && link.nextHop().isDue();
  }

  /**
   * Gives out the frame that asks for the next hop.
   *
   * @param output sends it
   */
  public void question(Output output) {
    if (link != null) {
      link.nextHop().asked();
      output.packet(link.nextHop().question(), link.nextHop().questionBytes());
    }
  }

  /**
   * Gives out what is to be sent of a frame: one packet or, in fragments, several.
   *
   * @param frame its first byte; read only
   * @param lengthBytes its length, at most {@link #maxFrameBytes()}
   * @param hash of its flow
   * @param stampNs its time, which some encapsulations bear
   * @param output takes it
   * @return why nothing was given out, or null
   */
  public @Nullable CopyShed shape(
      long frame, int lengthBytes, int hash, long stampNs, Output output) {
    final @Nullable OuterHeader header = outer;
    if (header == null && !shape.edits()) {
      output.packet(frame, lengthBytes);
      return null;
    }
    if (header != null && !header.begin(1, 0, stampNs)) {
      return CopyShed.NEXT_HOP_UNRESOLVED;
    }
    final int innerBytes = inner(frame, lengthBytes);
    if (innerBytes < 0) {
      return CopyShed.UNCHANGEABLE;
    }
    if (header == null) {
      if (innerBytes > maxSentBytes) {
        return CopyShed.FRAME_TOO_LONG;
      }
      output.packet(inner, innerBytes);
      return null;
    }
    final int tag = header.tellsTag() ? HeaderOffsets.outermostTag(inner, innerBytes) : 0;
    if (innerBytes <= header.maxInnerBytes()) {
      encapsulate(header, innerBytes, hash, tag, false, output);
      return null;
    }
    return switch (header.tooLong()) {
      case REFUSE -> CopyShed.MTU;
      case TRUNCATE -> {
        encapsulate(header, header.maxInnerBytes(), hash, tag, true, output);
        yield null;
      }
      case FRAGMENT -> {
        if (innerBytes > header.maxDatagramBytes()) {
          yield CopyShed.FRAME_TOO_LONG;
        }
        fragment(header, innerBytes, hash, tag, output);
        yield null;
      }
    };
  }

  /** Copies a frame with its changes to where there is room before it; its length, or -1. */
  private int inner(long frame, int lengthBytes) {
    int written = 0;
    int consumed = 0;
    if (shape.edits()) {
      if (!editor.edit(shape, lent.of(frame, lengthBytes, lengthBytes), lengthBytes, inner)) {
        return -1;
      }
      written = editor.written();
      consumed = editor.consumed();
    }
    NativeMemory.copy(frame + consumed, inner + written, lengthBytes - consumed);
    return lengthBytes - consumed + written;
  }

  private void encapsulate(
      OuterHeader header, int innerBytes, int hash, int tag, boolean truncated, Output output) {
    header.write(inner, innerBytes, hash, tag, truncated);
    output.packet(inner - header.bytes(), header.bytes() + innerBytes);
  }

  private void fragment(OuterHeader header, int innerBytes, int hash, int tag, Output output) {
    final int each = header.fragmentPayloadBytes();
    final int payload = header.tunnelBytes() + innerBytes;
    header.writeFirst(inner, innerBytes, hash, tag, false);
    output.packet(
        inner - header.firstFragmentHeaderBytes(),
        header.firstFragmentHeaderBytes() - header.tunnelBytes() + each);
    for (int at = each; at < payload; at += each) {
      // The header lies over the end of what has gone out before.
      final long data = inner + at - header.tunnelBytes();
      final int bytes = Math.min(each, payload - at);
      header.writeLater(data, bytes, hash, at, at + bytes == payload);
      output.packet(
          data - header.laterFragmentHeaderBytes(), header.laterFragmentHeaderBytes() + bytes);
    }
  }
}
