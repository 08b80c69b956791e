package dev.shadowplane.control.cli;

import dev.shadowplane.control.v1.ApplyTemplateRequest;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gets a network and its shadow to what a template says. */
@Command(
    name = "apply",
    description = {
      "Gets a network and its shadow to what a template says, and tells what was changed.",
      "What could not be done is tried again by control itself, also after a crash."
    },
    footer = {"", "Example: shadowplane shadow apply --file shop.yaml --dry-run"})
final class ShadowApplyCommand implements Callable<Integer> {
  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The template: YAML or JSON.")
  private Path file;

  @Option(names = "--dry-run", description = "Only tell what would be done.")
  private boolean dryRun;

  @Mixin private final ControlOption control = new ControlOption();
  @Mixin private final ShadowOutput output = new ShadowOutput();

  @Override
  public Integer call() throws Exception {
    final ApplyTemplateRequest request =
        ApplyTemplateRequest.newBuilder()
            .setTemplate(TemplateFile.read(file))
            .setSource(file.toString())
            .setDryRun(dryRun)
            .build();
    try (ControlConnection connection = control.connect()) {
      return output.print(
          connection.operateShadows(stub -> stub.applyTemplate(request)).getReport(), dryRun);
    }
  }
}
