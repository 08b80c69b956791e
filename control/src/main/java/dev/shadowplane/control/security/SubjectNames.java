package dev.shadowplane.control.security;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.GeneralName;

/** The names and addresses that a server certificate is good for (RFC 5280, section 4.2.1.6). */
final class SubjectNames {
  private SubjectNames() {}

  /** The loopback names and the host, without repetition; addresses in the text form of the JDK. */
  static List<GeneralName> of(final String host) {
    final List<GeneralName> names = new ArrayList<>();
    names.add(new GeneralName(GeneralName.dNSName, "localhost"));
    names.add(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    names.add(new GeneralName(GeneralName.iPAddress, "::1"));
    final boolean address = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    final GeneralName own =
        new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
    if (!names.contains(own)) {
      names.add(own);
    }
    return names;
  }

  static boolean covers(final X509Certificate certificate, final List<GeneralName> names)
      throws CertificateParsingException {
    final Set<String> present = new HashSet<>();
    final Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (final List<?> alternative : alternatives) {
        present.add(canonical((Integer) alternative.get(0), String.valueOf(alternative.get(1))));
      }
    }
    return names.stream()
        .allMatch(name -> {
          final String text =
              name.getTagNo() == GeneralName.iPAddress
                  ? addressText(name)
                  : name.getName().toString();
          return present.contains(canonical(name.getTagNo(), text));
        });
  }

  private static String addressText(final GeneralName name) {
    try {
      final byte[] octets =
          org.bouncycastle.asn1.ASN1OctetString.getInstance(name.getName()).getOctets();
      return InetAddress.getByAddress(octets).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address is 4 or 16 bytes: " + name, e);
    }
  }

  private static String canonical(final int tag, final String text) {
    return tag + ":" + text;
  }
}
