package dev.shadowplane.control.feed;

import dev.shadowplane.dataplane.pcap.LinkType;
import dev.shadowplane.dataplane.pcap.PcapWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/** Writes captures of TCP connections from 10.0.0.1 to 10.0.0.2:80. */
final class Conversation {
  static final int SERVER_PORT = 80;

  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;
  private static final int FRAME_BYTES = 54;
  private static final int SEGMENT_BYTES = 1_400;

  private final List<byte[]> frames = new ArrayList<>();
  private final List<Long> timesNs = new ArrayList<>();
  private int clientPort = 40_000;
  private int clientNext;
  private int serverNext;
  private long timeNs = TimeUnit.SECONDS.toNanos(1_700_000_000);

  /** When the next frame comes. */
  long nowNs() {
    return timeNs;
  }

  /** A client connects. */
  Conversation connect() {
    clientPort++;
    clientNext = 1_000;
    serverNext = 9_000;
    frame(true, SYN, "");
    clientNext++;
    frame(false, SYN | ACK, "");
    serverNext++;
    frame(true, ACK, "");
    return this;
  }

  /** Time passes. */
  Conversation pause(final long ms) {
    timeNs += TimeUnit.MILLISECONDS.toNanos(ms);
    return this;
  }

  /** The client sends a text. */
  Conversation client(final String text) {
    return send(true, text);
  }

  /** The server sends a text. */
  Conversation server(final String text) {
    return send(false, text);
  }

  /** The client sends nothing more; the server neither. */
  Conversation close() {
    frame(true, FIN | ACK, "");
    clientNext++;
    frame(false, FIN | ACK, "");
    serverNext++;
    frame(true, ACK, "");
    return this;
  }

  /** The server closes first. */
  Conversation closeByServer() {
    frame(false, FIN | ACK, "");
    serverNext++;
    frame(true, FIN | ACK, "");
    clientNext++;
    frame(false, ACK, "");
    return this;
  }

  /** The client breaks the connection off. */
  Conversation reset() {
    frame(true, RST, "");
    return this;
  }

  /** So many bytes of the server's that the capture has not. */
  Conversation lose(final int bytes) {
    serverNext += bytes;
    return this;
  }

  private Conversation send(final boolean ofClient, final String text) {
    for (int at = 0; at < text.length(); at += SEGMENT_BYTES) {
      final String part = text.substring(at, Math.min(text.length(), at + SEGMENT_BYTES));
      frame(ofClient, ACK, part);
      if (ofClient) {
        clientNext += part.length();
      } else {
        serverNext += part.length();
      }
    }
    return this;
  }

  private void frame(final boolean ofClient, final int flags, final String text) {
    final byte[] payload = text.getBytes(StandardCharsets.ISO_8859_1);
    final ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES + payload.length);
    frame.position(12);
    frame.putShort((short) 0x0800).put((byte) 0x45).put((byte) 0);
    frame.putShort((short) (40 + payload.length)).putInt(0).put((byte) 64).put((byte) 6);
    frame.putShort((short) 0);
    frame.put(new byte[] {10, 0, 0, (byte) (ofClient ? 1 : 2)});
    frame.put(new byte[] {10, 0, 0, (byte) (ofClient ? 2 : 1)});
    frame.putShort((short) (ofClient ? clientPort : SERVER_PORT));
    frame.putShort((short) (ofClient ? SERVER_PORT : clientPort));
    frame.putInt(ofClient ? clientNext : serverNext);
    frame.putInt((flags & ACK) == 0 ? 0 : ofClient ? serverNext : clientNext);
    frame.put((byte) 0x50).put((byte) flags).putShort((short) 1000).putInt(0).put(payload);
    frames.add(frame.array());
    timesNs.add(timeNs);
    timeNs += 1_000;
  }

  /** Writes what was said so far as a capture. */
  Path write(final Path file) throws IOException {
    try (PcapWriter writer =
        new PcapWriter(
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            LinkType.ETHERNET,
            65_535)) {
      for (int i = 0; i < frames.size(); i++) {
        final byte[] frame = frames.get(i);
        writer.write(timesNs.get(i), frame.length, new UnsafeBuffer(frame), 0, frame.length);
      }
    }
    return file;
  }
}
