package dev.shadowplane.dataplane.pcap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs tshark and capinfos, which must have nothing to complain about. */
public final class CaptureTool {
  private CaptureTool() {}

  /** The lines a tool prints, after a check of its exit status and of an empty stderr. */
  public static List<String> lines(String... command) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("tool", ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      List<String> complaints =
          Files.readAllLines(errors).stream()
              .filter(line -> !line.startsWith("Running as user \"root\""))
              .toList();
      assertThat(complaints).as(String.join(" ", command)).isEmpty();
      assertThat(status).as(String.join(" ", command)).isZero();
      return output.lines().toList();
    } finally {
      Files.delete(errors);
    }
  }

  /** What capinfos reports for one of its options, such as -c. */
  public static String capinfos(Path file, String option) throws IOException, InterruptedException {
    List<String> lines = lines("capinfos", "-M", "-r", "-T", option, file.toString());
    return lines.getLast().substring(lines.getLast().indexOf('\t') + 1);
  }
}
