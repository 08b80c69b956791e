package dev.shadowplane.control.cli;

import dev.shadowplane.control.template.TemplateReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A template that a person wrote down. */
final class TemplateFile {
  private TemplateFile() {}

  /** The text; only its size is looked at. */
  static String read(final Path file) throws CommandFailure {
    try {
      if (Files.size(file) > TemplateReader.MAX_BYTES) {
        throw CommandFailure.input(
            file
                + " has more than "
                + TemplateReader.MAX_BYTES
                + " bytes: describe fewer VMs, or in fewer words");
      }
      return Files.readString(file);
    } catch (MalformedInputException e) {
      throw CommandFailure.input(file + " is not written in UTF-8: convert it");
    } catch (IOException e) {
      throw CommandFailure.input(
          file + " cannot be read (" + e + "): name a readable file of YAML or JSON");
    }
  }
}
