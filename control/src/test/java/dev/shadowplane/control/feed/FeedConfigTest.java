package dev.shadowplane.control.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shadowplane.dataplane.config.ConfigException;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.session.NamedService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FeedConfigTest {
  @TempDir Path folder;

  private FeedConfig load(final String text) throws IOException {
    return FeedConfig.load(Files.writeString(folder.resolve("feed.json"), text));
  }

  @Test
  void whatAPlanWritesIsRead() throws IOException {
    final FeedConfig config =
        load(
            "{\"shadow\":\"s\",\"journal\":\"/j\",\"services\":[{\"name\":\"web\",\"port\":80,"
                + "\"addresses\":[\"10.0.0.2\",\"fd00::2\"]}],\"speed\":1.0}");
    assertThat(config)
        .isEqualTo(
            new FeedConfig(
                "s",
                Path.of("/j"),
                null,
                List.of(
                    new NamedService(
                        "web", 80, List.of(IpPrefix.of("10.0.0.2"), IpPrefix.of("fd00::2")))),
                FeedOptions.DEFAULT));
  }

  @Test
  void whatTheReadmeShowsIsRead() throws IOException {
    final String readme = Files.readString(Path.of("../README.md"));
    final Matcher json =
        Pattern.compile("```json\\n(\\{\"shadow\".*?)```").matcher(readme.replace("}\n", "}"));
    assertThat(json.find()).isTrue();
    assertThat(load(json.group(1)).services())
        .extracting(NamedService::name)
        .containsExactly("web");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"journal":"/j","services":[{"name":"w","port":80}]}                 | shadow: is missing: add it
          {"shadow":"s","services":[{"name":"w","port":80}]}                   | journal: is missing: add it
          {"shadow":"s","journal":"j","services":[{"name":"w","port":80}]}     | journal: j: is no absolute path
          {"shadow":"s","journal":"/j"}                                        | services: are 0: give 1 to 1024
          {"shadow":"s","journal":"/j","services":[{"name":"w"}]}              | services[0].port: is missing
          {"shadow":"s","journal":"/j","services":[{"name":"w","port":0}]}     | give a whole number from 1 to 65535
          {"shadow":"s","journal":"/j","services":[{"port":1}]}                | services[0].name: is missing
          {"shadow":"s","journal":"/j","services":[{"name":"w","port":1,"addresses":["x"]}]} | services[0].addresses: x: give an address
          {"shadow":"s","journal":"/j","services":[{"name":"w","port":1}],"speed":0}         | speed: 0: give a number from 0.01 to 100
          {"shadow":"s","journal":"/j","services":[{"name":"w","port":1}],"fast":1}          | fast: is not a key here
          """)
  void problemsAreNamedWithTheirPlace(final String text, final String problem) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("feed.json:1: ")
        .hasMessageContaining(problem);
  }
}
