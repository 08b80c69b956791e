package dev.shadowplane.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say of themselves, and of wrong usage. */
class CommandUsageTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "control",
        "status",
        "ports",
        "rule",
        "rule add",
        "rule apply",
        "rule list",
        "rule remove",
        "ledger",
        "flows",
        "capture",
        "role",
        "role list",
        "role set",
        "capture info",
        "replay",
        "replay start",
        "replay run",
        "replicate",
        "replication",
        "journal",
        "journal export",
        "journal ls",
        "journal verify",
        "journal stat",
        "journal key",
        "journal test",
        "extcap",
        "extcap interfaces",
        "extcap check",
        "extcap install",
        "monitor",
        "series",
        "series ls",
        "series query",
        "series import",
        "series sources",
        "stat"
      })
  void explainsEachCommand(final String command) {
    final Outcome outcome = Outcome.of((command + " --help").strip().split(" "));
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).startsWith(("Usage: shadowplane " + command).strip());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                 | Missing required subcommand
          nonsense                           | Unmatched argument at index 0: 'nonsense'
          status --format csv                | Invalid value for option '--format'
          rule add --name a                  | Missing required argument(s): --target=TARGET
          rule add --name a --target journal --vlan x      | Invalid value for option '--vlan'
          rule remove                        | Missing required parameter: 'NAME'
          role set shadow standby            | Missing required option: '--epoch=N'
          role set shadow king --epoch 1     | Invalid value for positional parameter at index 1 (ROLE)
          stat                               | Missing required option: '--directory=DIR'
          journal export --output x          | Missing required argument
          """)
  void answersWrongUsageWithOneLineAndTheHelpToRead(final String command, final String message) {
    final Outcome outcome = Outcome.of(command.isEmpty() ? new String[0] : command.split(" "));
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains(message).contains("see 'shadowplane").hasLineCount(1);
  }
}
