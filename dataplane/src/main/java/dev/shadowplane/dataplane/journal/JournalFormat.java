package dev.shadowplane.dataplane.journal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The layout of a journal document, little-endian: a header of 64 bytes, then the body. A frames
 * document holds, for each frame, the length of its message and the message, laid out as in {@link
 * JournalRing}.
 */
final class JournalFormat {
  static final int MAGIC = 0x324A5053; // "SPJ2"
  static final int VERSION = 2;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 4;

  /** 8 bits. */
  static final int TYPE_OFFSET = 6;

  /** 8 bits. */
  static final int FLAGS_OFFSET = 7;

  static final int BODY_LENGTH_OFFSET = 8;

  /** CRC-32C of all that follows it, as stored. */
  static final int CHECKSUM_OFFSET = 12;

  /** Start of the writer, nanoseconds since the epoch. */
  static final int SESSION_OFFSET = 16;

  /** Number of the document in its session and queue, from 0. */
  static final int NUMBER_OFFSET = 24;

  /** Time of writing, nanoseconds since the epoch. */
  static final int TIME_OFFSET = 32;

  /** The least timestamp of the frames; the time of writing where there are none. */
  static final int FIRST_OFFSET = 40;

  /** The greatest timestamp of the frames; the time of writing where there are none. */
  static final int LAST_OFFSET = 48;

  static final int FRAME_COUNT_OFFSET = 56;

  /** Identifies the key, 0 when the body is not encrypted. */
  static final int KEY_OFFSET = 60;

  static final int HEADER_BYTES = 64;

  static final int TYPE_SESSION = 1;
  static final int TYPE_FRAMES = 2;
  static final int TYPE_STATISTICS = 3;
  static final int TYPE_RULES = 4;

  /** A flag: the body is encrypted. */
  static final int FLAG_ENCRYPTED = 1;

  /** Length of the frame message that follows it. */
  static final int RECORD_PREFIX_BYTES = 4;

  static final int STATISTICS_COUNT_BYTES = 8;
  static final int STATISTICS_ENTRY_BYTES = 32;

  private static final int MAX_RULE_NAME_BYTES = 255;

  private JournalFormat() {}

  static byte[] encodeSession(JournalSession session) {
    int length = 8;
    for (JournalPort port : session.ports()) {
      length += 6 + port.name().getBytes(StandardCharsets.UTF_8).length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(session.snapLengthBytes()).putInt(session.ports().size());
    for (JournalPort port : session.ports()) {
      bytes.putShort((short) port.index()).putShort((short) port.linkType());
      putText(bytes, port.name().getBytes(StandardCharsets.UTF_8));
    }
    return bytes.array();
  }

  /** Decodes the body of a session document, or throws IllegalArgumentException with the reason. */
  static JournalSession decodeSession(long startNs, ByteBuffer bytes) {
    try {
      int snapLength = bytes.getInt();
      int count = bytes.getInt();
      List<JournalPort> ports = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int index = Short.toUnsignedInt(bytes.getShort());
        int linkType = Short.toUnsignedInt(bytes.getShort());
        ports.add(new JournalPort(index, text(bytes), linkType));
      }
      return new JournalSession(startNs, snapLength, ports);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("session leaves its document", e);
    }
  }

  /** Encodes rule names, or throws IllegalArgumentException when they do not fit one document. */
  static byte[] encodeRules(Map<Integer, String> names) {
    int length = 4;
    for (Map.Entry<Integer, String> rule : names.entrySet()) {
      int nameBytes = rule.getValue().getBytes(StandardCharsets.UTF_8).length;
      if (nameBytes > MAX_RULE_NAME_BYTES) {
        throw new IllegalArgumentException(
            "rule "
                + rule.getKey()
                + ": a name of "
                + nameBytes
                + " bytes: at most "
                + MAX_RULE_NAME_BYTES);
      }
      length += 6 + nameBytes;
    }
    if (length > JournalOptions.MAX_BATCH_BYTES - HEADER_BYTES) {
      throw new IllegalArgumentException(
          names.size() + " rules: their names exceed a journal document of 4 MiB");
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(names.size());
    names.forEach((id, name) -> {
      bytes.putInt(id);
      putText(bytes, name.getBytes(StandardCharsets.UTF_8));
    });
    return bytes.array();
  }

  /** Decodes the body of a rules document, or throws IllegalArgumentException with the reason. */
  static Map<Integer, String> decodeRules(ByteBuffer bytes) {
    try {
      int count = bytes.getInt();
      Map<Integer, String> names = new TreeMap<>();
      for (int i = 0; i < count; i++) {
        int id = bytes.getInt();
        names.put(id, text(bytes));
      }
      return names;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("rules leave their document", e);
    }
  }

  private static void putText(ByteBuffer bytes, byte[] text) {
    bytes.putShort((short) text.length).put(text);
  }

  private static String text(ByteBuffer bytes) {
    int length = Short.toUnsignedInt(bytes.getShort());
    if (length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
