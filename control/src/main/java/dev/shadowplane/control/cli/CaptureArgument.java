package dev.shadowplane.control.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Capture files as arguments. */
final class CaptureArgument {
  private CaptureArgument() {}

  /** Refuses what cannot be read as a file. */
  static void checkReadable(final Path file) throws CommandFailure {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw CommandFailure.input(file + " is no readable file: name a pcap or pcapng file");
    }
  }
}
