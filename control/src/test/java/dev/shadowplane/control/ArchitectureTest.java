package dev.shadowplane.control;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Dependencies point one way: what shadow networks are made of knows nothing of its callers. */
final class ArchitectureTest {
  private static final String ROOT = "dev.shadowplane.control";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  @Test
  void everythingIsLookedAt() {
    assertThat(CLASSES.contain(ROOT + ".model.Network")).isTrue();
    assertThat(CLASSES.contain(ROOT + ".api.ControlServer")).isTrue();
  }

  @Test
  void noPackagesDependOnEachOther() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  /** Each layer lies on those named after it; generated messages are of all. */
  @Test
  void layersLieOnEachOther() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("cli")
        .definedBy(ROOT + ".cli..")
        .layer("api")
        .definedBy(ROOT + ".api..")
        .layer("capabilities")
        .definedBy(
            ROOT + ".shadow..",
            ROOT + ".feed..",
            ROOT + ".replication..",
            ROOT + ".monitor..",
            ROOT + ".security..")
        .layer("plan")
        .definedBy(ROOT + ".plan..")
        .layer("parts")
        .definedBy(ROOT + ".template..", ROOT + ".provision..", ROOT + ".store..")
        .layer("model")
        .definedBy(ROOT + ".model..")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("api")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("capabilities")
        .mayOnlyBeAccessedByLayers("api", "cli")
        .whereLayer("plan")
        .mayOnlyBeAccessedByLayers("capabilities", "api", "cli")
        .whereLayer("parts")
        .mayOnlyBeAccessedByLayers("plan", "capabilities", "api", "cli")
        .whereLayer("model")
        .mayOnlyBeAccessedByLayers("parts", "plan", "capabilities", "api", "cli")
        .check(CLASSES);
  }
}
