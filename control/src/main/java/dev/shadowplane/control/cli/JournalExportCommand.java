package dev.shadowplane.control.cli;

import dev.shadowplane.control.api.ExportRequests;
import dev.shadowplane.control.api.JournalExports;
import dev.shadowplane.control.api.Json;
import dev.shadowplane.control.v1.CaptureFormat;
import dev.shadowplane.control.v1.ExportJournalRequest;
import dev.shadowplane.control.v1.ExportSummary;
import dev.shadowplane.dataplane.config.Anonymisation;
import dev.shadowplane.dataplane.config.AnonymisationReader;
import dev.shadowplane.dataplane.config.YamlReader;
import dev.shadowplane.dataplane.export.ChannelTarget;
import dev.shadowplane.dataplane.export.ExportListener;
import dev.shadowplane.dataplane.export.ExportOptions;
import dev.shadowplane.dataplane.export.ExportTarget;
import dev.shadowplane.dataplane.export.FileTarget;
import dev.shadowplane.dataplane.export.JournalExport;
import dev.shadowplane.dataplane.journal.JournalQuery;
import dev.shadowplane.dpdk.DpdkException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Exports frames of the journal as capture files. */
@Command(
    name = "export",
    sortOptions = false,
    description = {
      "Writes frames of the journal as pcapng or pcap with nanosecond times. Each file appears complete or not at all.",
      "Damaged places of a journal are passed over and named on standard error."
    },
    footer = {
      "",
      "Examples:",
      "  shadowplane journal export --journal /var/lib/shadowplane/journal --from 2026-11-20T10:00:00Z"
          + " --output incident.pcapng",
      "  shadowplane journal export --control --rule web --filter 'tcp port 80' --follow --output - | tshark -r -"
    })
final class JournalExportCommand implements Callable<Integer> {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final String STANDARD_OUTPUT = "-";

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Source source = new Source();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description =
          "The file, replaced if there is one; or what numbers and dates are added to when it is split; or -"
              + " for standard output.")
  private String output;

  @Mixin private final ExportFilter frames = new ExportFilter();

  @Option(
      names = "--capture-format",
      description =
          "One of ${COMPLETION-CANDIDATES}; default pcapng, or pcap when FILE ends with .pcap.")
  private @Nullable CaptureFileFormat captureFormat;

  @Option(
      names = "--split-size",
      paramLabel = "SIZE",
      converter = SizeText.class,
      description = "Begin another file rather than exceed this size, such as 100M.")
  private long splitBytes;

  @Option(
      names = "--split-time",
      paramLabel = "SECONDS",
      description = "Begin another file with each period of so many seconds.")
  private long splitSeconds;

  @Option(
      names = "--no-comments",
      description = "Leave out the comments with each frame's rule and flow hash.")
  private boolean withoutComments;

  @Option(
      names = "--anonymise",
      paramLabel = "FILE|NAME",
      description =
          "Anonymise each frame, as this YAML file says, which is one of 'anonymisations' of the data plane's"
              + " configuration; with --control by its name in control's configuration.")
  private @Nullable String anonymisation;

  @Option(
      names = "--follow",
      description =
          "Go on with the frames that come, until interrupted; from now on unless --from is given.")
  private boolean follow;

  @Option(
      names = "--format",
      defaultValue = "text",
      description =
          "How the summary is printed: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private SummaryFormat format;

  @Mixin private final ControlOption control = new ControlOption();

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "The keys of a journal that is encrypted.")
  private @Nullable Path keyFile;

  /** Where the journal is. */
  static final class Source {
    @Option(
        names = "--journal",
        required = true,
        paramLabel = "DIR",
        description = "The folder of the journal; it may be in use.")
    private @Nullable Path journal;

    @Option(
        names = "--control",
        required = true,
        description = "Have control export the journal that its configuration names.")
    private boolean control;
  }

  /** Formats by their names. */
  enum CaptureFileFormat {
    pcapng(CaptureFormat.CAPTURE_FORMAT_PCAPNG),
    pcap(CaptureFormat.CAPTURE_FORMAT_PCAP);

    private final CaptureFormat format;

    CaptureFileFormat(final CaptureFormat format) {
      this.format = format;
    }
  }

  @Override
  public Integer call() throws Exception {
    final Optional<Anonymisation> ofFile =
        anonymisation == null || source.control
            ? Optional.empty()
            : Optional.of(AnonymisationReader.read(YamlReader.of(Path.of(anonymisation))));
    final ExportJournalRequest request = request(ofFile);
    final ExportOptions options = options(request, ofFile);
    final boolean toOutput = output.equals(STANDARD_OUTPUT);
    if (toOutput && options.isSplit()) {
      throw CommandFailure.input("standard output is one stream: leave out --split-size and -time");
    }
    final StandardOutputChannel standard = toOutput ? new StandardOutputChannel() : null;
    final PrintWriter err = spec.commandLine().getErr();
    // Who reads along and takes nothing more is not waited for.
    try (Termination termination = standard == null ? new Termination() : new Termination(500);
        Progress progress = new Progress(err)) {
      final Watch watch = new Watch(progress, options, termination, standard);
      final ExportTarget target =
          standard == null ? fileTarget(options.isSplit()) : new ChannelTarget(standard);
      final ExportSummary summary;
      try {
        summary =
            source.control
                ? fromControl(request, target, watch)
                : fromFolder(options, target, watch);
      } catch (IOException e) {
        if (standard != null && standard.isReaderGone()) {
          termination.done();
          return 0;
        }
        throw e;
      }
      progress.clear();
      if (standard == null) {
        report(summary);
      }
      for (final String damage : summary.getDamagesList()) {
        err.println("shadowplane: damaged: " + Printable.line(damage));
      }
      err.flush();
      if (follow) {
        termination.done();
      }
    }
    return 0;
  }

  /** What control is asked for is checked by control, with the anonymisations that it knows. */
  private ExportOptions options(
      final ExportJournalRequest request, final Optional<Anonymisation> ofFile)
      throws CommandFailure {
    try {
      return ExportRequests.options(
          source.control ? request.toBuilder().clearAnonymisation().build() : request,
          ofFile.stream().toList());
    } catch (IllegalArgumentException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
  }

  private ExportJournalRequest request(final Optional<Anonymisation> ofFile) throws CommandFailure {
    if (splitSeconds < 0 || splitSeconds > TimeUnit.DAYS.toSeconds(365)) {
      throw CommandFailure.input("--split-time " + splitSeconds + ": give seconds, up to a year");
    }
    final boolean isPcap =
        captureFormat == null
            ? output.toLowerCase(Locale.ROOT).endsWith(".pcap")
            : captureFormat == CaptureFileFormat.pcap;
    final ExportJournalRequest.Builder request =
        ExportJournalRequest.newBuilder()
            .setFormat((isPcap ? CaptureFileFormat.pcap : CaptureFileFormat.pcapng).format)
            .setSplitBytes(splitBytes)
            .setSplitNs(TimeUnit.SECONDS.toNanos(splitSeconds))
            .setWithoutComments(withoutComments)
            .setFollow(follow)
            .setAnonymisation(
                ofFile
                    .map(Anonymisation::name)
                    .orElse(Objects.requireNonNullElse(anonymisation, "")));
    frames.fill(request);
    return request.build();
  }

  private ExportTarget fileTarget(final boolean split) throws CommandFailure {
    final Path target = Path.of(output).toAbsolutePath();
    if (target.getParent() == null
        || !Files.isDirectory(target.getParent())
        || Files.isDirectory(target)) {
      throw CommandFailure.input(output + " cannot be a file: name one in a folder that exists");
    }
    return new FileTarget(target, split);
  }

  private ExportSummary fromFolder(
      final ExportOptions options, final ExportTarget target, final ExportListener watch)
      throws CommandFailure, IOException {
    final Path journal = Objects.requireNonNull(source.journal);
    if (!Files.isDirectory(journal)) {
      throw CommandFailure.input(
          journal + " is no folder: name the one that the data plane journals to");
    }
    final JournalQuery query = JournalQuery.of(journal).keyFile(keyFile);
    try {
      return JournalExports.summary(JournalExport.run(query, options, target, watch));
    } catch (DpdkException e) {
      throw CommandFailure.input(String.valueOf(e.getMessage()));
    }
  }

  private ExportSummary fromControl(
      final ExportJournalRequest request, final ExportTarget target, final ExportListener watch)
      throws CommandFailure, IOException {
    try (ControlConnection connection = control.connect()) {
      return new ControlExport(target, watch).run(connection, request);
    }
  }

  private void report(final ExportSummary summary) {
    final PrintWriter out = spec.commandLine().getOut();
    if (format == SummaryFormat.json) {
      final Map<String, Object> object = new LinkedHashMap<>();
      object.put("output", output);
      object.putAll(Messages.object(summary));
      out.println(Json.writePretty(object));
    } else if (summary.getFiles() == 0) {
      out.println("exported to " + output + " until interrupted");
    } else {
      out.println(
          "exported "
              + summary.getFrames()
              + " frames, "
              + summary.getBytes()
              + " bytes, to "
              + output
              + (summary.getFiles() == 1 ? "" : " (" + summary.getFiles() + " files)")
              + (summary.getFrames() == 0
                  ? ""
                  : ", from " + time(summary.getFirstNs()) + " to " + time(summary.getLastNs())));
    }
    out.flush();
  }

  private static Instant time(final long ns) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, SECOND_NS), Math.floorMod(ns, SECOND_NS));
  }

  /** Shows the progress, and ends the export on a signal or when nobody reads any more. */
  private static final class Watch implements ExportListener {
    private final Progress progress;
    private final Termination termination;
    private final @Nullable StandardOutputChannel standard;
    private final boolean follow;

    private Watch(
        final Progress progress,
        final ExportOptions options,
        final Termination termination,
        final @Nullable StandardOutputChannel standard) {
      this.progress = progress;
      this.termination = termination;
      this.standard = standard;
      follow = options.follow();
    }

    @Override
    public void progress(
        final long frames, final long bytes, final long passedBytes, final long plannedBytes) {
      progress.show(frames, bytes, follow ? 0 : passedBytes / (double) plannedBytes);
    }

    @Override
    public boolean isCancelled() {
      return termination.isAsked() || (standard != null && standard.isReaderGone());
    }
  }
}
