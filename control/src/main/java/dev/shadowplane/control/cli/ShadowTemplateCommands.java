package dev.shadowplane.control.cli;

import dev.shadowplane.control.template.Template;
import dev.shadowplane.control.template.TemplateException;
import dev.shadowplane.control.template.TemplateReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is done about templates without control. */
final class ShadowTemplateCommands {
  private ShadowTemplateCommands() {}

  /** Looks for problems in a template. */
  @Command(
      name = "validate",
      description = "Says everything that is wrong with a template, without asking control.")
  static final class Validate implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The template: YAML or JSON.")
    private Path file;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws CommandFailure {
      final Template template;
      try {
        template = TemplateReader.read(file.toString(), TemplateFile.read(file));
      } catch (TemplateException e) {
        throw CommandFailure.input(String.valueOf(e.getMessage()));
      }
      spec.commandLine()
          .getOut()
          .println(
              Printable.line(
                  file
                      + ": network "
                      + template.network().name()
                      + " with "
                      + template.network().vms().size()
                      + " VMs"
                      + (template.shadow() == null
                          ? ", no shadow"
                          : ", shadow " + template.shadow().name())
                      + "; no problems"));
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  /** Prints the schema. */
  @Command(
      name = "schema",
      description =
          "Prints the JSON Schema of templates, with which editors complete and check them.")
  static final class Schema implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      spec.commandLine().getOut().print(TemplateReader.schema());
      spec.commandLine().getOut().flush();
      return 0;
    }
  }
}
