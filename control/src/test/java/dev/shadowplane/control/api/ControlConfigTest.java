package dev.shadowplane.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlConfigTest {
  @TempDir private Path folder;

  @Test
  void readsEveryKey() throws Exception {
    assertThat(
            load(
                """
                directory: /dev/shm/shadowplane
                state: /var/lib/shadowplane/control
                listen: "[::1]:7471"
                journal: /var/lib/shadowplane/journal
                """))
        .isEqualTo(
            new ControlConfig(
                Path.of("/dev/shm/shadowplane"),
                Path.of("/var/lib/shadowplane/control"),
                new Endpoint("::1", 7471),
                Path.of("/var/lib/shadowplane/journal")));
  }

  @Test
  void listensOnLoopbackAndExportsNothingUnlessTold() throws Exception {
    assertThat(load("{directory: /a, state: /b}"))
        .isEqualTo(
            new ControlConfig(Path.of("/a"), Path.of("/b"), new Endpoint("127.0.0.1", 7470), null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          directory: /a;state: /b;lisen: x:1       | :3: unknown key 'lisen': the keys are directory, state, listen, journal
          directory: /a                            | : 'state' is missing: add 'state: PATH', a folder of control's own
          state: /b                                | : 'directory' is missing: add 'directory: PATH', the mapped files of the data plane
          directory: a;state: /b                   | :1: directory 'a' is no absolute path: start it with '/'
          directory: /a;state: [/b]                | :2: state has no plain value: write 'state: VALUE'
          directory: /a;state:                     | :2: state has no plain value: write 'state: VALUE'
          directory: /a;state: /b;state: /c        | :3: state is given twice: keep one of the lines
          directory: /a;state: /b;listen: 7470     | :3: listen '7470' is not HOST:PORT or [IPv6]:PORT: write for example 127.0.0.1:7470
          directory: /a;state: /b;listen: h:65536  | :3: listen 'h:65536' has no port from 0 to 65535: write for example 127.0.0.1:7470
          directory: /a;state: /b;listen: ::1:1    | :3: listen '::1:1' is not HOST:PORT or [IPv6]:PORT: write for example 127.0.0.1:7470
          - directory                              | :1: this is no mapping: write 'key: value' lines with the keys directory, state, listen, journal
          directory: "/a;                          | :2: this is not YAML: found unexpected end of stream; correct it
          """)
  void namesFileLineValueAndRemedy(final String lines, final String message) {
    assertThatThrownBy(() -> load(lines.replace(';', '\n')))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(folder.resolve("control.yaml") + message);
  }

  @Test
  void saysThatAFileIsMissing() {
    final Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> ControlConfig.load(missing))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(missing + " does not exist: ");
  }

  @Test
  void refusesWhatIsNoText() throws Exception {
    final Path file = folder.resolve("binary.yaml");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertThatThrownBy(() -> ControlConfig.load(file))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(file + " cannot be read as UTF-8 YAML: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesAHugeFileUnread() throws Exception {
    final Path file = folder.resolve("huge.yaml");
    Files.writeString(file, "#".repeat(70_000));
    assertThatThrownBy(() -> ControlConfig.load(file))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(file + " has more than 65536 bytes: it is no configuration of control");
  }

  private ControlConfig load(final String text) throws Exception {
    final Path file = folder.resolve("control.yaml");
    Files.writeString(file, text);
    return ControlConfig.load(file);
  }
}
