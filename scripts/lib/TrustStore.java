import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/** Makes a trust store of a bundle of certificates: java TrustStore.java BUNDLE STORE. They are public; so is the password. */
final class TrustStore {
  public static void main(String[] arguments) throws Exception {
    final KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream bundle = Files.newInputStream(Path.of(arguments[0]))) {
      int serial = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(bundle)) {
        store.setCertificateEntry("ca" + serial++, certificate);
      }
    }
    final Path file = Path.of(arguments[1]).toAbsolutePath();
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, "changeit".toCharArray());
    }
  }
}
