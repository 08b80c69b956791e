package dev.shadowplane.dataplane.privacy;

import dev.shadowplane.dataplane.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The secret of an anonymisation: where it comes from, and the ciphers made of it. */
final class AnonymisationKey {
  /** The AES key and the pad of Crypto-PAn, 16 bytes each. */
  static final int BYTES = 32;

  private static final int BLOCK_BYTES = 16;

  /** The digits, and room for the ends of a line. */
  private static final int MAX_FILE_BYTES = 2 * BYTES + 8;

  private static final String REMEDY =
      "write 64 hexadecimal digits, as `openssl rand -hex 32` prints";

  private AnonymisationKey() {}

  /**
   * Reads a key.
   *
   * @param file must not be readable by everybody
   * @return 32 bytes
   * @throws ConfigException naming the file, what is wrong and the remedy, never the key
   */
  static byte[] read(Path file) {
    final byte[] content;
    try {
      final Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)
          || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new ConfigException(
            file + ": everybody may read or write this key: chmod o= " + file);
      }
      if (!Files.isRegularFile(file)) {
        throw new ConfigException(file + ": is not a file: " + REMEDY);
      }
      try (InputStream in = Files.newInputStream(file)) {
        content = in.readNBytes(MAX_FILE_BYTES + 1);
      }
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + ": there is no such key file: " + REMEDY);
    } catch (IOException | UnsupportedOperationException e) {
      throw new ConfigException(file + ": the key cannot be read: check its permissions");
    }
    final String digits = new String(content, StandardCharsets.US_ASCII).strip();
    if (content.length > MAX_FILE_BYTES || !digits.matches("\\p{XDigit}{64}")) {
      throw new ConfigException(file + ": holds no key: " + REMEDY);
    }
    return HexFormat.of().parseHex(digits);
  }

  /** The cipher of Crypto-PAn, by the first half of the key. */
  static Cipher addressCipher(byte[] key) {
    return aes(new SecretKeySpec(key, 0, BLOCK_BYTES, "AES"));
  }

  /** The cipher of MAC addresses, by a key of its own (RFC 5869). */
  static Cipher macCipher(byte[] key) {
    try {
      final SecretKey derived =
          KDF.getInstance("HKDF-SHA256")
              .deriveKey(
                  "AES",
                  HKDFParameterSpec.ofExtract()
                      .addIKM(key)
                      .thenExpand(
                          "shadowplane mac".getBytes(StandardCharsets.US_ASCII), BLOCK_BYTES));
      return aes(derived);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  // Single blocks serve as a pseudo-random function: nothing is encrypted that could repeat.
  @SuppressWarnings("InsecureCryptoUsage")
  private static Cipher aes(SecretKey key) {
    try {
      final Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, key);
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
