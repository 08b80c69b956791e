package dev.shadowplane.control.security;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The local certificate authority of one control: ECDSA on P-256, certificates as in RFC 5280. It
 * is made on the first start and issues one server certificate and one client certificate for the
 * local operator; both are issued again when they are missing, damaged, about to expire, or do not
 * fit the listening address.
 */
public final class CertificateAuthority {
  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
  private static final Duration LEAF_LIFE = Duration.ofDays(365);
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);

  /** Certificates start a little early: the clocks of client and server differ. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final PkiFiles files;
  private final Instant now;

  private CertificateAuthority(final PkiFiles files, final Instant now) {
    this.files = files;
    this.now = now;
  }

  /**
   * Makes every certificate and key that is missing or due, and leaves the others alone. One
   * process may do so at a time.
   *
   * @param files where they are kept; the folder is made with mode 0700, keys with 0600.
   * @param host the host name or address that clients will connect to, besides the loopback ones.
   * @param now the present time.
   * @throws IOException if a file cannot be read or written, or the authority's key is needed and
   *     missing; the message names the file and the remedy.
   */
  public static void ensure(final PkiFiles files, final String host, final Instant now)
      throws IOException {
    try {
      new CertificateAuthority(files, now).ensure(host);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IOException(
          "cannot make the certificates in "
              + files.directory()
              + ": "
              + e.getMessage()
              + "; remove the folder to start again with new ones",
          e);
    }
  }

  private void ensure(final String host)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    Pem.makePrivateDirectory(files.directory());
    X509Certificate authority = Pem.certificate(files.authorityCertificate());
    if (authority == null) {
      authority = makeAuthority();
    }
    final List<GeneralName> names = SubjectNames.of(host);
    if (!serves(authority, files.serverCertificate(), files.serverKey(), names)) {
      issue(
          authority,
          "control",
          KeyPurposeId.id_kp_serverAuth,
          names,
          files.serverCertificate(),
          files.serverKey());
    }
    if (!serves(authority, files.operatorCertificate(), files.operatorKey(), List.of())) {
      issue(
          authority,
          "operator",
          KeyPurposeId.id_kp_clientAuth,
          List.of(),
          files.operatorCertificate(),
          files.operatorKey());
    }
  }

  private X509Certificate makeAuthority()
      throws IOException, GeneralSecurityException, OperatorCreationException {
    final KeyPair pair = newKeyPair();
    final X500Name name =
        new X500Name("CN=Shadowplane local CA " + Long.toHexString(RANDOM.nextLong()));
    final JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            serial(),
            Date.from(now.minus(CLOCK_SKEW)),
            Date.from(now.plus(AUTHORITY_LIFE)),
            name,
            pair.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    final X509Certificate certificate = sign(builder, pair.getPrivate());
    // The certificate last: until it exists nobody can have trusted the key, and the next start
    // makes both anew.
    Pem.write(files.authorityKey(), pair.getPrivate());
    Pem.write(files.authorityCertificate(), certificate);
    return certificate;
  }

  private void issue(
      final X509Certificate authority,
      final String commonName,
      final KeyPurposeId purpose,
      final List<GeneralName> names,
      final Path certificateFile,
      final Path keyFile)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    final PrivateKey authorityKey = Pem.privateKey(files.authorityKey());
    if (authorityKey == null) {
      throw new IOException(
          files.authorityKey()
              + " is missing and "
              + certificateFile.getFileName()
              + " has to be issued: restore it, or remove "
              + files.directory()
              + " to start again with a new authority");
    }
    final KeyPair pair = newKeyPair();
    final JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            authority,
            serial(),
            Date.from(now.minus(CLOCK_SKEW)),
            Date.from(earlier(now.plus(LEAF_LIFE), authority.getNotAfter().toInstant())),
            new X500Name("CN=" + commonName),
            pair.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(authority));
    if (!names.isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(names.toArray(GeneralName[]::new)));
    }
    final X509Certificate certificate = sign(builder, authorityKey);
    Pem.write(keyFile, pair.getPrivate());
    Pem.write(certificateFile, certificate);
  }

  /**
   * Whether the pair on disk is complete, of this authority, not about to expire, and valid for all
   * the names.
   */
  private boolean serves(
      final X509Certificate authority,
      final Path certificateFile,
      final Path keyFile,
      final List<GeneralName> names)
      throws IOException, GeneralSecurityException {
    final X509Certificate certificate = Pem.certificate(certificateFile);
    final PrivateKey key = Pem.privateKey(keyFile);
    if (certificate == null || key == null || !Pem.belongTogether(certificate, key)) {
      return false;
    }
    final Instant end = certificate.getNotAfter().toInstant();
    final boolean lastsAsLongAsItCan = end.equals(authority.getNotAfter().toInstant());
    if (end.isBefore(now.plus(RENEW_BEFORE)) && !(lastsAsLongAsItCan && end.isAfter(now))) {
      return false;
    }
    try {
      certificate.verify(authority.getPublicKey());
    } catch (GeneralSecurityException e) {
      return false;
    }
    return SubjectNames.covers(certificate, names);
  }

  private static X509Certificate sign(
      final JcaX509v3CertificateBuilder builder, final PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static KeyPair newKeyPair() throws GeneralSecurityException {
    final KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
    return generator.generateKeyPair();
  }

  private static BigInteger serial() {
    return new BigInteger(126, RANDOM).setBit(126);
  }

  private static Instant earlier(final Instant a, final Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
