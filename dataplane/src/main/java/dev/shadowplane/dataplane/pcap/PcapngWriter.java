package dev.shadowplane.dataplane.pcap;

import static dev.shadowplane.dataplane.pcap.CaptureFormat.BLOCK_OVERHEAD_BYTES;
import static dev.shadowplane.dataplane.pcap.CaptureFormat.padded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one little-endian pcapng section: interfaces as they are added, enhanced packet blocks
 * with nanoseconds, direction and comment, interface statistics. Nothing is allocated a frame. Not
 * thread safe.
 */
public final class PcapngWriter implements AutoCloseable {
  private static final int MAX_TEXT_BYTES = 1_024;
  private static final int MAX_COMMENT_BYTES = 0xFFFF;
  private static final byte NANOSECONDS = 9;
  private static final int OPTION_HEADER_BYTES = 4;
  private static final int ALIGNMENT = 4;

  private final ChannelOutput output;
  private int interfaces;

  /**
   * Writes the section header.
   *
   * @param channel in blocking mode, owned and closed by the writer
   * @param application what writes this file, for its reader
   * @throws IOException when the channel fails
   */
  public PcapngWriter(WritableByteChannel channel, String application) throws IOException {
    this(channel, application, "");
  }

  /**
   * Writes the section header.
   *
   * @param channel in blocking mode, owned and closed by the writer
   * @param application what writes this file, for its reader
   * @param comment about the section, at most 65,535 bytes of UTF-8; empty for none
   * @throws IOException when the channel fails
   */
  public PcapngWriter(WritableByteChannel channel, String application, String comment)
      throws IOException {
    output = new ChannelOutput(channel);
    byte[] text = text("application", application, MAX_TEXT_BYTES);
    byte[] about = text("section comment", comment, MAX_COMMENT_BYTES);
    int length =
        BLOCK_OVERHEAD_BYTES
            + 16
            + (about.length == 0 ? 0 : OPTION_HEADER_BYTES + padded(about.length))
            + 2 * OPTION_HEADER_BYTES
            + padded(text.length);
    ByteBuffer bytes = begin(CaptureFormat.BLOCK_SECTION, length);
    bytes.putInt(CaptureFormat.BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0);
    bytes.putLong(-1L);
    if (about.length > 0) {
      option(bytes, CaptureFormat.OPTION_COMMENT, about);
    }
    option(bytes, CaptureFormat.OPTION_SECTION_APPLICATION, text);
    endOptions(bytes).putInt(length);
  }

  /**
   * Describes an interface, before its first frame.
   *
   * @param name at most 1,024 bytes of UTF-8
   * @param linkType a LINKTYPE number
   * @param snapLengthBytes the longest frame to expect, 0 for no limit
   * @return its number, counted from 0
   * @throws IOException when the channel fails
   */
  public int addInterface(String name, int linkType, int snapLengthBytes) throws IOException {
    return addInterface(name, "", linkType, snapLengthBytes);
  }

  /**
   * Describes an interface, before its first frame.
   *
   * @param name at most 1,024 bytes of UTF-8
   * @param description for people, at most 1,024 bytes of UTF-8; empty for none
   * @param linkType a LINKTYPE number
   * @param snapLengthBytes the longest frame to expect, 0 for no limit
   * @return its number, counted from 0
   * @throws IOException when the channel fails
   */
  public int addInterface(String name, String description, int linkType, int snapLengthBytes)
      throws IOException {
    byte[] text = text("interface name", name, MAX_TEXT_BYTES);
    byte[] about = text("interface description", description, MAX_TEXT_BYTES);
    int length =
        BLOCK_OVERHEAD_BYTES
            + 8
            + 3 * OPTION_HEADER_BYTES
            + padded(text.length)
            + (about.length == 0 ? 0 : OPTION_HEADER_BYTES + padded(about.length))
            + ALIGNMENT;
    ByteBuffer bytes = begin(CaptureFormat.BLOCK_INTERFACE, length);
    bytes.putShort((short) linkType).putShort((short) 0).putInt(snapLengthBytes);
    option(bytes, CaptureFormat.OPTION_INTERFACE_NAME, text);
    if (about.length > 0) {
      option(bytes, CaptureFormat.OPTION_INTERFACE_DESCRIPTION, about);
    }
    optionHeader(bytes, CaptureFormat.OPTION_INTERFACE_RESOLUTION, 1).put(NANOSECONDS);
    pad(bytes, 1);
    endOptions(bytes).putInt(length);
    return interfaces++;
  }

  /**
   * Writes one frame.
   *
   * @param interfaceId as {@link #addInterface} returned it
   * @param timestampNs since the epoch
   * @param direction one of the constants of {@link Direction}
   * @param originalLengthBytes its length on the wire
   * @param frame where its bytes are
   * @param offset of the first byte in {@code frame}
   * @param lengthBytes 0 to 262,144
   * @throws IOException when the channel fails
   */
  public void write(
      int interfaceId,
      long timestampNs,
      int direction,
      int originalLengthBytes,
      DirectBuffer frame,
      int offset,
      int lengthBytes)
      throws IOException {
    write(
        interfaceId, timestampNs, direction, originalLengthBytes, frame, offset, lengthBytes, null);
  }

  /**
   * Writes one frame with a comment.
   *
   * @param interfaceId as {@link #addInterface} returned it
   * @param timestampNs since the epoch
   * @param direction one of the constants of {@link Direction}
   * @param originalLengthBytes its length on the wire
   * @param frame where its bytes are
   * @param offset of the first byte in {@code frame}
   * @param lengthBytes 0 to 262,144
   * @param comment UTF-8 from index 0 to its limit, at most 65,535 bytes; null for none
   * @throws IOException when the channel fails
   */
  public void write(
      int interfaceId,
      long timestampNs,
      int direction,
      int originalLengthBytes,
      DirectBuffer frame,
      int offset,
      int lengthBytes,
      @Nullable ByteBuffer comment)
      throws IOException {
    ChannelOutput.checkFrame(lengthBytes, originalLengthBytes);
    checkInterface(interfaceId);
    int commentBytes = comment == null ? 0 : comment.limit();
    if (commentBytes > MAX_COMMENT_BYTES) {
      throw new IllegalArgumentException(
          "comment of " + commentBytes + " bytes: at most " + MAX_COMMENT_BYTES);
    }
    int optionBytes =
        (direction == Direction.UNKNOWN ? 0 : OPTION_HEADER_BYTES + ALIGNMENT)
            + (comment == null ? 0 : OPTION_HEADER_BYTES + padded(commentBytes));
    optionBytes += optionBytes == 0 ? 0 : OPTION_HEADER_BYTES;
    int length = CaptureFormat.ENHANCED_PACKET_DATA_OFFSET + padded(lengthBytes) + optionBytes + 4;
    ByteBuffer bytes = begin(CaptureFormat.BLOCK_ENHANCED_PACKET, length);
    bytes.putInt(interfaceId);
    timestamp(bytes, timestampNs);
    bytes.putInt(lengthBytes).putInt(originalLengthBytes);
    output.frame(frame, offset, lengthBytes);
    pad(bytes, lengthBytes);
    if (comment != null) {
      optionHeader(bytes, CaptureFormat.OPTION_COMMENT, commentBytes);
      bytes.put(bytes.position(), comment, 0, commentBytes);
      bytes.position(bytes.position() + commentBytes);
      pad(bytes, commentBytes);
    }
    if (direction != Direction.UNKNOWN) {
      optionHeader(bytes, CaptureFormat.OPTION_PACKET_FLAGS, 4).putInt(direction);
    }
    if (optionBytes != 0) {
      endOptions(bytes);
    }
    bytes.putInt(length);
  }

  /**
   * Writes an interface's counters, usually once at the end.
   *
   * @param interfaceId as {@link #addInterface} returned it
   * @param timestampNs when they were read, since the epoch
   * @param receivedFrames frames that the interface received
   * @param droppedFrames frames that could not be captured
   * @throws IOException when the channel fails
   */
  public void writeStatistics(
      int interfaceId, long timestampNs, long receivedFrames, long droppedFrames)
      throws IOException {
    checkInterface(interfaceId);
    int length = BLOCK_OVERHEAD_BYTES + 12 + 3 * OPTION_HEADER_BYTES + 2 * Long.BYTES;
    ByteBuffer bytes = begin(CaptureFormat.BLOCK_STATISTICS, length);
    bytes.putInt(interfaceId);
    timestamp(bytes, timestampNs);
    optionHeader(bytes, CaptureFormat.OPTION_STATISTICS_RECEIVED, Long.BYTES)
        .putLong(receivedFrames);
    optionHeader(bytes, CaptureFormat.OPTION_STATISTICS_DROPPED, Long.BYTES).putLong(droppedFrames);
    endOptions(bytes).putInt(length);
  }

  /**
   * How long the file is so far.
   *
   * @return bytes, those not yet handed to the channel included
   */
  public long writtenBytes() {
    return output.writtenBytes();
  }

  /** Hands everything written so far to the channel. */
  public void flush() throws IOException {
    output.flush();
  }

  @Override
  public void close() throws IOException {
    output.close();
  }

  private void checkInterface(int interfaceId) {
    if (interfaceId < 0 || interfaceId >= interfaces) {
      throw new IllegalArgumentException(
          "interface " + interfaceId + " of " + interfaces + " has not been added");
    }
  }

  private ByteBuffer begin(int type, int length) throws IOException {
    return output.reserve(length).putInt(type).putInt(length);
  }

  private static void timestamp(ByteBuffer bytes, long timestampNs) {
    bytes.putInt((int) (timestampNs >>> 32)).putInt((int) timestampNs);
  }

  private static ByteBuffer optionHeader(ByteBuffer bytes, int code, int length) {
    return bytes.putShort((short) code).putShort((short) length);
  }

  private static void option(ByteBuffer bytes, int code, byte[] value) {
    optionHeader(bytes, code, value.length).put(value);
    pad(bytes, value.length);
  }

  private static ByteBuffer endOptions(ByteBuffer bytes) {
    return bytes.putInt(CaptureFormat.OPTION_END);
  }

  private static void pad(ByteBuffer bytes, int length) {
    for (int i = length; i < padded(length); i++) {
      bytes.put((byte) 0);
    }
  }

  private static byte[] text(String what, String value, int maxBytes) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    if (text.length > maxBytes) {
      throw new IllegalArgumentException(
          what + " of " + text.length + " bytes: at most " + maxBytes);
    }
    return text;
  }
}
