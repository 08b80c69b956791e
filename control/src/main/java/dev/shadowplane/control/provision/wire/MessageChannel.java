package dev.shadowplane.control.provision.wire;

import dev.shadowplane.control.provision.ItemJson;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Messages over a connection: four bytes of length, the most significant first, then as many bytes
 * of JSON in UTF-8. One thread reads and one writes.
 */
final class MessageChannel implements AutoCloseable {
  /** The longest message, in bytes. */
  static final int MAX_BYTES = 16 << 20;

  private static final int CHUNK_BYTES = 64 << 10;

  private final SocketChannel channel;

  MessageChannel(final SocketChannel channel) {
    this.channel = channel;
  }

  synchronized void send(final Message message) throws IOException {
    final byte[] text = ItemJson.write(message).getBytes(StandardCharsets.UTF_8);
    if (text.length > MAX_BYTES) {
      throw new IOException(
          "a message of " + text.length + " bytes is too long, it may have " + MAX_BYTES);
    }
    final ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + text.length);
    bytes.putInt(text.length).put(text).flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Waits for the next one.
   *
   * @throws EOFException if the other side has ended.
   * @throws IllegalArgumentException if it is none; the message says why.
   */
  Message receive() throws IOException {
    final ByteBuffer head = ByteBuffer.allocate(Integer.BYTES);
    fill(head);
    final int length = head.flip().getInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a message of "
              + Integer.toUnsignedString(length)
              + " bytes is too long, it may have "
              + MAX_BYTES);
    }
    // Room comes with the bytes: who only says that there are many gets none.
    ByteBuffer body = ByteBuffer.allocate(Math.min(length, CHUNK_BYTES));
    fill(body);
    while (body.capacity() < length) {
      final ByteBuffer more = ByteBuffer.allocate((int) Math.min(length, 2L * body.capacity()));
      more.put(body.flip());
      fill(more);
      body = more;
    }
    final String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(body.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a message is not UTF-8", e);
    }
    return ItemJson.read(text, Message.class);
  }

  private void fill(final ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the other side has ended");
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
