package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ListRulesRequest;
import dev.shadowplane.control.v1.Rule;
import dev.shadowplane.dataplane.journal.JournalEvents;
import dev.shadowplane.dataplane.journal.JournalException;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dataplane.journal.JournalReader;
import dev.shadowplane.dpdk.BpfFilter;
import dev.shadowplane.dpdk.DpdkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Makes the rules capture interfaces of Wireshark, whose side scripts/shadowplane-extcap speaks.
 */
@Command(
    name = "extcap",
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Makes each rule a capture interface of Wireshark and tshark, by their extcap protocol.")
final class ExtcapCommand {
  /** Where the launcher says that the scripts are. */
  private static final String SCRIPTS = "shadowplane.scripts";

  private static final String PROGRAM = "shadowplane-extcap";
  private static final String PREFIX = "shadowplane-";
  private static final String EVERYTHING = "all";
  private static final long PATIENCE_SECONDS = 20;
  private static final Pattern GLOBAL = Pattern.compile("(?m)^(?:Global )?Extcap path:\\s*(/.*)$");
  private static final Pattern PERSONAL = Pattern.compile("(?m)^Personal Extcap path:\\s*(/.*)$");

  @Spec private CommandSpec spec;

  @Command(
      name = "interfaces",
      description =
          "Prints the rules that journal as interfaces, in the form that Wireshark reads.")
  int interfaces(
      @Option(
              names = "--journal",
              paramLabel = "DIR",
              description = "The rules that this journal names; control is not asked.")
          final @Nullable Path journal,
      @Option(
              names = "--key-file",
              paramLabel = "FILE",
              description = "The keys of a journal that is encrypted.")
          final @Nullable Path keyFile,
      @Mixin final ControlOption control)
      throws Exception {
    final NavigableSet<String> rules =
        journal == null ? ofControl(control) : ofJournal(journal, keyFile);
    rules.remove(EVERYTHING);
    final StringBuilder lines = new StringBuilder();
    line(lines, EVERYTHING, "every journaled frame");
    rules.forEach(rule -> line(lines, rule, "rule " + rule));
    spec.commandLine().getOut().print(lines);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static void line(final StringBuilder lines, final String name, final String what) {
    lines
        .append("interface {value=")
        .append(PREFIX)
        .append(name)
        .append("}{display=Shadowplane ")
        .append(what)
        .append("}\n");
  }

  private static NavigableSet<String> ofControl(final ControlOption control) throws CommandFailure {
    final NavigableSet<String> names = new TreeSet<>();
    try (ControlConnection connection = control.connect()) {
      connection
          .call(stub -> stub.listRules(ListRulesRequest.getDefaultInstance()))
          .getRulesList()
          .stream()
          .filter(rule -> rule.getTargetsList().contains("journal"))
          .map(Rule::getName)
          .forEach(names::add);
    }
    return names;
  }

  /** The names at the journal's end, where each file repeats them. */
  private static NavigableSet<String> ofJournal(final Path journal, final @Nullable Path keyFile)
      throws CommandFailure, IOException {
    if (!Files.isDirectory(journal)) {
      throw CommandFailure.input(
          journal + " is no folder: name the one that the data plane journals to");
    }
    final NavigableSet<String> latest = new TreeSet<>();
    final JournalEvents events =
        new JournalEvents() {
          @Override
          public void rules(final Map<Integer, String> names) {
            latest.clear();
            latest.addAll(names.values());
          }

          @Override
          public void damage(final JournalException damage) {
            // What is there behind it still counts; an export names it.
          }
        };
    final long nowNs = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    final JournalQuery end = JournalQuery.of(journal).range(nowNs, Long.MAX_VALUE).keyFile(keyFile);
    try (JournalReader reader = new JournalReader(end, events)) {
      reader.next(); // Names come before frames.
    }
    return latest;
  }

  @Command(
      name = "check",
      description =
          "Prints what is wrong with a capture filter of tcpdump, and nothing if it is right.")
  int check(
      @Parameters(paramLabel = "EXPRESSION", description = "The filter.") final String expression) {
    try {
      new BpfFilter(expression).close();
    } catch (DpdkException e) {
      spec.commandLine().getOut().println(Printable.line(String.valueOf(e.getMessage())));
      spec.commandLine().getOut().flush();
    }
    return 0;
  }

  @Command(
      name = "install",
      description = {
        "Links the program into the folder where Wireshark looks for such, as 'tshark -G folders' names it.",
        "It asks control, as other commands do, or reads the journal that SHADOWPLANE_JOURNAL names."
      })
  int install(
      @Option(names = "--user", description = "Into the folder of this user only.")
          final boolean user)
      throws Exception {
    final Path program = Path.of(System.getProperty(SCRIPTS, "scripts"), PROGRAM).toAbsolutePath();
    if (!Files.isExecutable(program)) {
      throw CommandFailure.job(
          program + " is not there: run this by scripts/shadowplane of a complete installation");
    }
    final Path folder = folder(user);
    final Path link = folder.resolve(PROGRAM);
    try {
      Files.createDirectories(folder);
      final Path made = folder.resolve("." + PROGRAM + ".new");
      Files.deleteIfExists(made);
      Files.createSymbolicLink(made, program);
      Files.move(made, link, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw CommandFailure.job(
          link + " cannot be made (" + e + "): run this as root, or with --user");
    }
    spec.commandLine().getOut().println("linked " + link + " to " + program);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static Path folder(final boolean user) throws Exception {
    final String folders;
    try {
      final Process tshark =
          new ProcessBuilder("tshark", "-G", "folders")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      folders = new String(tshark.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!tshark.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        tshark.destroyForcibly();
      }
    } catch (IOException e) {
      throw CommandFailure.job("tshark cannot be run (" + e.getMessage() + "): install it");
    }
    final Matcher named = (user ? PERSONAL : GLOBAL).matcher(folders);
    if (!named.find()) {
      throw CommandFailure.job(
          user
              ? "this Wireshark has no such folder for a user (4.2 and later have): leave out --user and run"
                  + " this as root, or set WIRESHARK_EXTCAP_DIR"
              : "'tshark -G folders' names no folder: link " + PROGRAM + " by hand");
    }
    return Path.of(named.group(1).strip());
  }
}
