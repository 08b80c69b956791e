package dev.shadowplane.control.security;

import java.nio.file.Path;

/**
 * Where the certificates and keys of one control are, all PEM, keys as unencrypted PKCS #8 (RFC
 * 5208) readable by their owner only.
 *
 * @param directory the folder that holds nothing else.
 */
public record PkiFiles(Path directory) {

  /**
   * The files of the control with a state directory.
   *
   * @param state the state directory.
   * @return its files, which need not exist.
   */
  public static PkiFiles of(final Path state) {
    return new PkiFiles(state.resolve("pki"));
  }

  /**
   * The certificate of the authority, which servers and clients trust.
   *
   * @return the path.
   */
  public Path authorityCertificate() {
    return directory.resolve("ca.crt");
  }

  /**
   * The key of the authority; only needed to issue certificates.
   *
   * @return the path.
   */
  public Path authorityKey() {
    return directory.resolve("ca.key");
  }

  /**
   * The certificate that control shows to its clients.
   *
   * @return the path.
   */
  public Path serverCertificate() {
    return directory.resolve("server.crt");
  }

  /**
   * The key of {@link #serverCertificate()}.
   *
   * @return the path.
   */
  public Path serverKey() {
    return directory.resolve("server.key");
  }

  /**
   * The certificate that the local operator's commands show to control.
   *
   * @return the path.
   */
  public Path operatorCertificate() {
    return directory.resolve("operator.crt");
  }

  /**
   * The key of {@link #operatorCertificate()}.
   *
   * @return the path.
   */
  public Path operatorKey() {
    return directory.resolve("operator.key");
  }
}
