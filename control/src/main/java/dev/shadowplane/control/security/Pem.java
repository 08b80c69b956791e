package dev.shadowplane.control.security;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Set;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/**
 * Certificates and keys as PEM files (RFC 7468); written whole or not at all, and never readable by
 * others in between.
 */
final class Pem {
  private static final Set<PosixFilePermission> SECRET =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private Pem() {}

  static void makePrivateDirectory(final Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
    }
    Files.setPosixFilePermissions(directory, PRIVATE);
  }

  /** The certificate in a file; null if there is no such file, or what it holds is none. */
  static @Nullable X509Certificate certificate(final Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (NoSuchFileException | CertificateException e) {
      return null;
    }
  }

  /** The key in a file; null if there is no such file, or what it holds is none. */
  static @Nullable PrivateKey privateKey(final Path file) throws IOException {
    final String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return null;
    }
    try (PemReader reader = new PemReader(new StringReader(text))) {
      final PemObject object = reader.readPemObject();
      return object == null
          ? null
          : KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(object.getContent()));
    } catch (IOException | GeneralSecurityException e) {
      return null;
    }
  }

  /** Whether the certificate is the key's: what the one signs, the other verifies. */
  static boolean belongTogether(final X509Certificate certificate, final PrivateKey key) {
    try {
      final byte[] probe = certificate.getSignature();
      final Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key);
      signature.update(probe);
      final byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  static void write(final Path file, final PrivateKey key) throws IOException {
    write(file, new PemObject("PRIVATE KEY", key.getEncoded()));
  }

  static void write(final Path file, final X509Certificate certificate)
      throws IOException, CertificateEncodingException {
    write(file, new PemObject("CERTIFICATE", certificate.getEncoded()));
  }

  private static void write(final Path file, final PemObject object) throws IOException {
    final StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(object);
    }
    final Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(SECRET))) {
      final ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text.toString());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
