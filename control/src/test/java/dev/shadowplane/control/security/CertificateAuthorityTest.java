package dev.shadowplane.control.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  @TempDir private Path state;
  private PkiFiles files;

  @BeforeEach
  void makeAll() throws Exception {
    files = PkiFiles.of(state);
    CertificateAuthority.ensure(files, "127.0.0.1", NOW);
  }

  @Test
  void issuesAServerAndAClientCertificateThatTheAuthoritySigned() throws Exception {
    final X509Certificate authority = read(files.authorityCertificate());
    final X509Certificate server = read(files.serverCertificate());
    final X509Certificate operator = read(files.operatorCertificate());
    server.verify(authority.getPublicKey());
    operator.verify(authority.getPublicKey());
    authority.verify(authority.getPublicKey());
    assertThat(authority.getBasicConstraints()).isZero();
    assertThat(server.getBasicConstraints()).isEqualTo(-1);
    assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(operator.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(names(server))
        .containsExactlyInAnyOrder("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(server.getSerialNumber()).isNotEqualTo(operator.getSerialNumber());
    assertThat(server.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(365)));
  }

  @Test
  void keepsKeysFromOthers() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.directory())))
        .isEqualTo("rwx------");
    for (final Path key : List.of(files.authorityKey(), files.serverKey(), files.operatorKey())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void closesAFolderThatWasLeftOpen() throws Exception {
    Files.setPosixFilePermissions(files.directory(), PosixFilePermissions.fromString("rwxr-xr-x"));
    CertificateAuthority.ensure(files, "127.0.0.1", NOW);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.directory())))
        .isEqualTo("rwx------");
  }

  @Test
  void changesNothingWhileEverythingFits() throws Exception {
    final Map<String, String> before = contents();
    CertificateAuthority.ensure(files, "127.0.0.1", NOW.plus(Duration.ofDays(300)));
    CertificateAuthority.ensure(files, "localhost", NOW.plus(Duration.ofDays(300)));
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void renewsWhatIsAboutToExpireAndKeepsTheAuthority() throws Exception {
    final Map<String, String> before = contents();
    CertificateAuthority.ensure(files, "127.0.0.1", NOW.plus(Duration.ofDays(340)));
    assertThat(changed(before))
        .containsExactlyInAnyOrder("server.crt", "server.key", "operator.crt", "operator.key");
  }

  @Test
  void issuesAnotherServerCertificateForAnotherAddress() throws Exception {
    final Map<String, String> before = contents();
    CertificateAuthority.ensure(files, "2001:db8::7", NOW);
    assertThat(changed(before)).containsExactlyInAnyOrder("server.crt", "server.key");
    assertThat(names(read(files.serverCertificate()))).contains("2001:db8:0:0:0:0:0:7");
    final Map<String, String> again = contents();
    CertificateAuthority.ensure(files, "2001:db8::7", NOW);
    assertThat(contents()).isEqualTo(again);
  }

  @Test
  void replacesAKeyThatIsNotTheCertificates() throws Exception {
    Files.copy(
        files.operatorKey(), files.serverKey(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    final Map<String, String> before = contents();
    CertificateAuthority.ensure(files, "127.0.0.1", NOW);
    assertThat(changed(before)).containsExactlyInAnyOrder("server.crt", "server.key");
  }

  @Test
  void replacesADamagedCertificateAndAMissingKey() throws Exception {
    Files.writeString(files.serverCertificate(), "-----BEGIN CERTIFICATE-----\nnonsense\n");
    Files.delete(files.operatorKey());
    CertificateAuthority.ensure(files, "127.0.0.1", NOW);
    read(files.serverCertificate()).verify(read(files.authorityCertificate()).getPublicKey());
    assertThat(files.operatorKey()).exists();
  }

  @Test
  void doesWithoutTheAuthoritysKeyUntilItIsNeeded() throws Exception {
    Files.delete(files.authorityKey());
    CertificateAuthority.ensure(files, "127.0.0.1", NOW);
    assertThatThrownBy(() -> CertificateAuthority.ensure(files, "10.0.0.1", NOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(files.authorityKey() + " is missing")
        .hasMessageContaining("restore it, or remove " + files.directory());
  }

  private Map<String, String> contents() throws IOException {
    final Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> entries = Files.list(files.directory())) {
      for (final Path file : entries.toList()) {
        contents.put(String.valueOf(file.getFileName()), Files.readString(file));
      }
    }
    return contents;
  }

  private List<String> changed(final Map<String, String> before) throws IOException {
    final Map<String, String> after = contents();
    assertThat(after.keySet()).isEqualTo(before.keySet());
    return after.keySet().stream()
        .filter(name -> !Objects.equals(after.get(name), before.get(name)))
        .toList();
  }

  private static List<String> names(final X509Certificate certificate) throws Exception {
    return certificate.getSubjectAlternativeNames().stream()
        .map(name -> String.valueOf(name.get(1)))
        .toList();
  }

  private static X509Certificate read(final Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
