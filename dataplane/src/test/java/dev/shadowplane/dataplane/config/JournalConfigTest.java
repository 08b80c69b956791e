package dev.shadowplane.dataplane.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalConfigTest {
  private static JournalConfig read(String text) {
    return JournalConfig.read(YamlReader.of("x.yaml", text));
  }

  @Test
  void everythingIsKeptUnlessSaid() {
    assertThat(read("directory: /j"))
        .isEqualTo(
            new JournalConfig(
                Path.of("/j"),
                64 << 20,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                java.util.Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "100M, 5m, 100000000, 300000",
    "100000000, 300s, 100000000, 300000",
    "250000K, 90m, 250000000, 5400000",
    "200G, 12h, 200000000000, 43200000",
    "4T, 7d, 4000000000000, 604800000"
  })
  void retention(String bytes, String age, long maxBytes, long maxAgeMs) {
    assertThat(read("{ directory: /j, max-bytes: " + bytes + ", max-age: " + age + " }"))
        .isEqualTo(
            new JournalConfig(
                Path.of("/j"), 64 << 20, maxBytes, maxAgeMs, java.util.Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          max-bytes: 99M                 | x.yaml:1: max-bytes: 99M: give at least 100M, as in 100000000, 500M, 200G or 4T
          max-bytes: 1GB                 | x.yaml:1: max-bytes: 1GB: give at least 100M
          max-bytes: -1                  | x.yaml:1: max-bytes: -1: give at least 100M
          max-bytes: 99999999999999T     | x.yaml:1: max-bytes: 99999999999999T: give at least 100M
          max-age: 299s                  | x.yaml:1: max-age: 299s: give at least 5m, as in 300s, 90m, 12h or 7d
          max-age: 7                     | x.yaml:1: max-age: 7: give at least 5m
          max-files: 7                   | x.yaml:1: max-files: is not a key here: use one of directory, ring-bytes, max-bytes, max-age
          """)
  void wrongValues(String entry, String message) {
    assertThatThrownBy(() -> read("{ directory: /j, " + entry + " }"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(message);
  }
}
