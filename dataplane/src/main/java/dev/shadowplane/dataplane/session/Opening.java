package dev.shadowplane.dataplane.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells from the first bytes of a connection whether it can be driven against another server. The
 * rules:
 *
 * <ul>
 *   <li>{@link Undrivable#TLS}: what the client sends begins with a ClientHello, at the beginning
 *       of the connection or of a segment (STARTTLS and its like), or the server agrees to a
 *       PostgreSQL client's SSLRequest.
 *   <li>{@link Undrivable#SERVER_NONCE}: the server speaks first, and its greeting is SSH's, RFB's,
 *       or no text at all, as those of MySQL and others whose first packet is a challenge; or it is
 *       text, and the client authenticates by a mechanism that answers a challenge (APOP, CRAM-,
 *       DIGEST- and SCRAM-, NTLM, GSSAPI); or the server asks a PostgreSQL client for MD5, SASL or
 *       GSSAPI.
 * </ul>
 *
 * <p>All else can be driven: protocols in which the client speaks first, and text protocols whose
 * server greets. A challenge inside of those (HTTP Digest, SCRAM of MongoDB) shows as a difference.
 */
final class Opening {
  private static final int KEPT_BYTES = 512;
  private static final int TEXT_BYTES = 64;
  private static final int HELLO_BYTES = 6;
  private static final int TLS_HANDSHAKE = 0x16;
  private static final int CLIENT_HELLO = 1;
  private static final int MAX_RECORD_BYTES = (1 << 14) + 2048;
  private static final int POSTGRES_3 = 0x0003_0000;
  private static final int POSTGRES_SSL = 80_877_103;
  private static final int POSTGRES_ASK_BYTES = 9;
  private static final Pattern CHALLENGE =
      Pattern.compile(
          "^(?:\\S+ +)?(?:APOP|AUTH(?:ENTICATE)? +(?:CRAM-|DIGEST-|SCRAM-|NTLM|GSSAPI))",
          Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

  private byte[] client = new byte[0];
  private byte[] server = new byte[0];
  private boolean serverFirst;

  /** Looks at what the client sent next. */
  @Nullable Undrivable client(byte[] bytes) {
    if (isClientHello(bytes)) {
      return Undrivable.TLS;
    }
    client = appended(client, bytes);
    if (isClientHello(client)) {
      return Undrivable.TLS;
    }
    if (serverFirst && CHALLENGE.matcher(latin(bytes)).find()) {
      return Undrivable.SERVER_NONCE;
    }
    return null;
  }

  /** Looks at what the server sent next. */
  @Nullable Undrivable server(byte[] bytes) {
    if (server.length == KEPT_BYTES) {
      return null;
    }
    if (server.length == 0) {
      serverFirst = client.length == 0;
    }
    server = appended(server, bytes);
    if (serverFirst && client.length == 0) {
      final String greeting = latin(server);
      return greeting.startsWith("SSH-") || greeting.startsWith("RFB ") || !isText(server)
          ? Undrivable.SERVER_NONCE
          : null;
    }
    return serverFirst ? null : postgres();
  }

  private @Nullable Undrivable postgres() {
    if (client.length < 8 || number(client, 0) < 8 || number(client, 0) > 10_000) {
      return null;
    }
    if (number(client, 4) == POSTGRES_SSL) {
      return server[0] == 'S' ? Undrivable.TLS : null;
    }
    if (number(client, 4) != POSTGRES_3 || server.length < POSTGRES_ASK_BYTES || server[0] != 'R') {
      return null;
    }
    return switch (number(server, 5)) {
      case 2, 5, 7, 9, 10 -> Undrivable.SERVER_NONCE;
      default -> null;
    };
  }

  private static boolean isClientHello(byte[] bytes) {
    if (bytes.length < HELLO_BYTES) {
      return false;
    }
    final int length = ((bytes[3] & 0xff) << 8) | (bytes[4] & 0xff);
    return bytes[0] == TLS_HANDSHAKE
        && bytes[1] == 3
        && bytes[2] >= 0
        && bytes[2] <= 4
        && length > 0
        && length <= MAX_RECORD_BYTES
        && bytes[5] == CLIENT_HELLO;
  }

  private static boolean isText(byte[] bytes) {
    for (int i = 0; i < Math.min(bytes.length, TEXT_BYTES); i++) {
      final int b = bytes[i] & 0xff;
      if (b < ' ' && b != '\r' && b != '\n' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private static int number(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).getInt(at);
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, 0, Math.min(bytes.length, KEPT_BYTES), StandardCharsets.ISO_8859_1);
  }

  private static byte[] appended(byte[] kept, byte[] bytes) {
    if (kept.length == KEPT_BYTES) {
      return kept;
    }
    final int count = Math.min(bytes.length, KEPT_BYTES - kept.length);
    final byte[] longer = Arrays.copyOf(kept, kept.length + count);
    System.arraycopy(bytes, 0, longer, kept.length, count);
    return longer;
  }
}
