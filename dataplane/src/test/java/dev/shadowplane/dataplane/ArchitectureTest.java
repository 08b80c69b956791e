package dev.shadowplane.dataplane;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.Test;

/** Dependencies point one way. */
final class ArchitectureTest {
  private static final String ROOT = "dev.shadowplane.dataplane";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.shadowplane");

  @Test
  void bothModulesAreLookedAt() {
    assertThat(CLASSES.contain("dev.shadowplane.dpdk.Eal")).isTrue();
    assertThat(CLASSES.contain(ROOT + ".conductor.DataPlane")).isTrue();
  }

  @Test
  void onlyTheBindingsUseTheForeignLinker() {
    noClasses()
        .that(not(resideInAPackage("dev.shadowplane.dpdk..")))
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Linker.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(SymbolLookup.class)
        .check(CLASSES);
  }

  @Test
  void theBindingsKnowNothingOfTheDataPlane() {
    noClasses()
        .that()
        .resideInAPackage("dev.shadowplane.dpdk..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "..")
        .check(CLASSES);
  }

  @Test
  void noPackagesDependOnEachOther() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  /** Each layer lies on those named after it. */
  @Test
  void layersLieOnEachOther() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
        .layer("main")
        .definedBy(ROOT)
        .layer("conductor")
        .definedBy(ROOT + ".conductor")
        .layer("worker")
        .definedBy(ROOT + ".worker")
        .layer("features")
        .definedBy(
            ROOT + ".journal",
            ROOT + ".export",
            ROOT + ".encap",
            ROOT + ".mirror",
            ROOT + ".privacy",
            ROOT + ".telemetry",
            ROOT + ".analytics..",
            ROOT + ".port",
            ROOT + ".ipfix",
            ROOT + ".replay",
            ROOT + ".session")
        .layer("ground")
        .definedBy(ROOT + ".file", ROOT + ".config", ROOT + ".packet", ROOT + ".pcap")
        .whereLayer("main")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("conductor")
        .mayOnlyBeAccessedByLayers("main")
        .whereLayer("worker")
        .mayOnlyBeAccessedByLayers("conductor")
        .whereLayer("features")
        .mayOnlyBeAccessedByLayers("worker", "conductor", "main")
        .ensureAllClassesAreContainedInArchitecture()
        .check(
            CLASSES.that(
                com.tngtech.archunit.base.DescribedPredicate.describe(
                    "of the data plane", type -> type.getPackageName().startsWith(ROOT))));
  }
}
