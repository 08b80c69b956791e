package dev.shadowplane.dataplane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.Anonymisation.Macs;
import dev.shadowplane.dataplane.config.Anonymisation.Payload;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AnonymisationTest {
  @Test
  void hidesMostUnlessToldOtherwise() {
    final Anonymisation read = read("name: n, key-file: k");
    assertThat(read)
        .isEqualTo(
            new Anonymisation(
                "n",
                Path.of("k"),
                true,
                List.of(IpPrefix.of("224.0.0.0/4"), IpPrefix.of("ff00::/12")),
                Macs.HASH,
                Payload.BLANK));
    assertThat(read.summary()).isEqualTo("addresses: crypto-pan, macs: hash, payload: blank");
  }

  @Test
  void isReadAsItWasWritten() {
    for (Macs macs : Macs.values()) {
      for (Payload payload : Payload.values()) {
        for (List<IpPrefix> keep :
            List.of(
                List.<IpPrefix>of(),
                List.of(IpPrefix.of("10.1.0.0/16"), IpPrefix.of("2001:db8::/33")))) {
          final Anonymisation written =
              new Anonymisation(
                  "x", Path.of("/etc/a \"b\".key"), keep.isEmpty(), keep, macs, payload);
          assertThat(
                  AnonymisationReader.read(
                      YamlReader.of("json", AnonymisationWriter.write(written))))
              .isEqualTo(written);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name: n                                  | key-file: is missing: add it
          name: n/m, key-file: k                   | name: n/m: use up to 63 letters, digits, - and _, the first a letter or digit
          name: n, key-file: k, macs: keep-it      | macs: keep-it: give hash, hash-keep-oui or keep
          name: n, key-file: k, payload: none      | payload: none: give keep, blank or drop
          name: n, key-file: k, keep: [10.0.0.0/33] | keep: 10.0.0.0/33: give a whole number from 0 to 32
          name: n, key-file: k, addresses: some    | addresses: some: give true or false
          name: n, key-file: k, key: 00            | key: is not a key here: use one of name, key-file, addresses, keep, macs, payload
          """)
  void refusesWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(ConfigException.class)
        .hasMessage("text:1: " + message);
  }

  private static Anonymisation read(String text) {
    return AnonymisationReader.read(YamlReader.of("text", "{ " + text + " }"));
  }
}
