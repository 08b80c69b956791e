package dev.shadowplane.dataplane.pcap;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads pcap (micro- and nanoseconds) and pcapng (any number of sections and interfaces, any clock
 * resolution), in both byte orders, as a stream through one buffer of a megabyte. Nothing is
 * allocated a frame. Every length is checked against what is there, so a capture can be hostile: a
 * damaged one delivers the frames before the damage, then throws {@link CaptureException} once.
 *
 * <p>Not thread safe. The accessors describe the frame of the last {@link #next} that returned
 * true; its bytes stay valid until the following call.
 */
public final class CaptureReader implements AutoCloseable {
  private static final int DIRECTION_MASK = 3;

  private final CaptureInput input;
  private final CaptureDecoder decoder;
  private final CaptureFrame frame = new CaptureFrame();
  private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
  private boolean ended;

  /**
   * Reads from a channel, which may be a pipe.
   *
   * @param channel in blocking mode, owned and closed by the reader, also when this throws
   * @param name of the capture, for errors
   * @throws CaptureException when this is no capture
   * @throws IOException when it cannot be read
   */
  public CaptureReader(ReadableByteChannel channel, String name) throws IOException {
    input = new CaptureInput(channel, name);
    CaptureDecoder found = null;
    try {
      found = detect(input);
    } finally {
      if (found == null) {
        input.close();
      }
    }
    decoder = found;
  }

  /**
   * Opens a file.
   *
   * @throws CaptureException when it is no capture
   * @throws IOException when it cannot be opened or read
   */
  public static CaptureReader open(Path file) throws IOException {
    return new CaptureReader(FileChannel.open(file, StandardOpenOption.READ), file.toString());
  }

  private static CaptureDecoder detect(CaptureInput input) throws IOException {
    if (!input.require(4)) {
      throw input.damage("no capture: " + input.available() + " bytes hold no file header");
    }
    int magic = input.buffer().getInt(0, ByteOrder.LITTLE_ENDIAN);
    if (magic == CaptureFormat.BLOCK_SECTION) {
      return new PcapngDecoder(input);
    }
    if (PcapDecoder.opens(magic)) {
      return new PcapDecoder(input, magic);
    }
    throw input.damage(
        String.format("no capture: %08x opens neither a pcap nor a pcapng file", magic));
  }

  /**
   * Moves to the next frame.
   *
   * @return false when there are no more, also after damage has been thrown
   * @throws CaptureException when the file is damaged here
   * @throws IOException when it cannot be read
   */
  public boolean next() throws IOException {
    if (ended) {
      return false;
    }
    boolean found = false;
    try {
      found = decoder.next(frame);
    } finally {
      ended = !found;
    }
    return found;
  }

  /** What kind of file it is: {@code pcap}, {@code pcap, nanoseconds} or {@code pcapng}. */
  public String format() {
    return decoder.format();
  }

  /** How many interfaces have been described so far; 1 in a pcap file, which describes none. */
  public long interfaces() {
    return decoder.interfaces();
  }

  /** How much of the file has been read, in bytes from its start: where the next record begins. */
  public long offsetBytes() {
    return input.offsetBytes();
  }

  /**
   * Nanoseconds since the epoch; saturated where the file claims a time that a long cannot hold, 0
   * for a simple packet block, which has no time.
   */
  public long timestampNs() {
    return frame.timestampNs;
  }

  /** The frame's length on the wire as the file claims it, at most {@link Integer#MAX_VALUE}. */
  public int originalLengthBytes() {
    return frame.originalLengthBytes;
  }

  /** How many bytes of the frame are in the file, at most 262,144. */
  public int capturedLengthBytes() {
    return frame.capturedLengthBytes;
  }

  /** The frame's LINKTYPE number, {@link LinkType#ETHERNET} among them. */
  public int linkType() {
    return frame.linkType;
  }

  /** The frame's interface, counted from 0 over all sections of the file. */
  public int interfaceIndex() {
    return frame.interfaceIndex;
  }

  /** One of the constants of {@link Direction}, from the flags of an enhanced packet block. */
  public int direction() {
    UnsafeBuffer buffer = input.buffer();
    int at = frame.optionsIndex;
    while (at + 4 <= frame.optionsEndIndex) {
      int code = Short.toUnsignedInt(buffer.getShort(at, input.order()));
      int length = Short.toUnsignedInt(buffer.getShort(at + 2, input.order()));
      if (code == CaptureFormat.OPTION_END || length > frame.optionsEndIndex - at - 4) {
        break;
      }
      if (code == CaptureFormat.OPTION_PACKET_FLAGS && length == 4) {
        int direction = buffer.getInt(at + 4, input.order()) & DIRECTION_MASK;
        return direction == DIRECTION_MASK ? Direction.UNKNOWN : direction;
      }
      at += 4 + CaptureFormat.padded(length);
    }
    return Direction.UNKNOWN;
  }

  /** The frame's bytes in native memory, {@link #capturedLengthBytes} of them. */
  public long frameAddress() {
    return input.buffer().addressOffset() + frame.dataIndex;
  }

  /** The frame's bytes: a view that this reader reuses. */
  public DirectBuffer frame() {
    view.wrap(input.buffer(), frame.dataIndex, frame.capturedLengthBytes);
    return view;
  }

  /** Closes the file or channel; the frame's bytes are gone afterwards. */
  @Override
  public void close() throws IOException {
    input.close();
  }
}
