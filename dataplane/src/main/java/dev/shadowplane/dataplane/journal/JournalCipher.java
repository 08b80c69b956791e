package dev.shadowplane.dataplane.journal;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * AES-256-GCM over the bodies of documents. Each session, queue and roll cycle has a key of its
 * own, derived from a master key by HKDF-SHA256 (RFC 5869), and the nonce is the document's number,
 * which never comes twice there. The header is authenticated with the body, but for its checksum.
 *
 * <p>Belongs to one thread. Allocates a document, not a frame.
 */
final class JournalCipher {
  static final int TAG_BYTES = 16;

  private static final int TAG_BITS = 8 * TAG_BYTES;
  private static final int NONCE_BYTES = 12;
  private static final int KEY_BYTES = 32;
  private static final byte[] PURPOSE = "shadowplane journal 2".getBytes(StandardCharsets.US_ASCII);

  private final Cipher cipher;
  private final byte[] nonce = new byte[NONCE_BYTES];
  private final ByteBuffer nonceView = ByteBuffer.wrap(nonce).order(BIG_ENDIAN);

  JournalCipher() {
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no AES-GCM", e);
    }
  }

  /** The key of one session, queue and roll cycle. */
  static SecretKey derive(SecretKey master, long sessionNs, int queue, int cycle) {
    byte[] info =
        ByteBuffer.allocate(PURPOSE.length + Long.BYTES + 2 * Integer.BYTES)
            .put(PURPOSE)
            .putLong(sessionNs)
            .putInt(queue)
            .putInt(cycle)
            .array();
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveKey(
              "AES", HKDFParameterSpec.ofExtract().addIKM(master).thenExpand(info, KEY_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no HKDF-SHA256", e);
    }
  }

  /**
   * Encrypts a document whose header is complete but for the checksum: its body length is that of
   * the ciphertext and tag.
   *
   * @param document from its first byte to the last of its body
   * @param target takes ciphertext and tag
   */
  void encrypt(SecretKey key, long number, ByteBuffer document, ByteBuffer target) {
    try {
      run(Cipher.ENCRYPT_MODE, key, number, document, target);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a document cannot be encrypted", e);
    }
  }

  /**
   * Decrypts a document.
   *
   * @param document from its first byte to the last of its tag
   * @param target takes the body
   * @return false when the document was changed, or written with another key
   */
  boolean decrypt(SecretKey key, long number, ByteBuffer document, ByteBuffer target) {
    try {
      run(Cipher.DECRYPT_MODE, key, number, document, target);
      return true;
    } catch (AEADBadTagException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a document cannot be decrypted", e);
    }
  }

  private void run(int mode, SecretKey key, long number, ByteBuffer document, ByteBuffer target)
      throws GeneralSecurityException {
    nonceView.putLong(NONCE_BYTES - Long.BYTES, number);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    int start = document.position();
    int end = document.limit();
    cipher.updateAAD(document.limit(start + JournalFormat.CHECKSUM_OFFSET));
    document.limit(start + JournalFormat.HEADER_BYTES);
    cipher.updateAAD(document.position(start + JournalFormat.SESSION_OFFSET));
    cipher.doFinal(document.position(start + JournalFormat.HEADER_BYTES).limit(end), target);
  }
}
