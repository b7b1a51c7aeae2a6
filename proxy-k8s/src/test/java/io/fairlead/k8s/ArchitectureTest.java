package io.fairlead.k8s;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// Which package may use which: docs of [io.fairlead.k8s].
class ArchitectureTest {
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.fairlead.k8s");

    @Test
    void packagesUseOnlyWhatStandsBeforeThem() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("io.fairlead.k8s..")
                .withOptionalLayers(true)
                .layer("cluster")
                .definedBy("io.fairlead.k8s.cluster..")
                .layer("measure")
                .definedBy("io.fairlead.k8s.measure..")
                .layer("watch")
                .definedBy("io.fairlead.k8s.watch..")
                .layer("local")
                .definedBy("io.fairlead.k8s.local..")
                .layer("sync")
                .definedBy("io.fairlead.k8s.sync..")
                .layer("status")
                .definedBy("io.fairlead.k8s.status..")
                .layer("admin")
                .definedBy("io.fairlead.k8s.admin..")
                .layer("root")
                .definedBy("io.fairlead.k8s")
                .layer("config")
                .definedBy("io.fairlead.k8s.config..")
                .layer("cli")
                .definedBy("io.fairlead.k8s.cli..")
                .whereLayer("measure")
                .mayOnlyBeAccessedByLayers("watch", "sync", "status", "admin", "root", "cli")
                .whereLayer("watch")
                .mayOnlyBeAccessedByLayers("sync", "status", "admin", "root", "config", "cli")
                .whereLayer("local")
                .mayOnlyBeAccessedByLayers("sync", "status", "admin", "root", "config", "cli")
                .whereLayer("sync")
                .mayOnlyBeAccessedByLayers("status", "admin", "root", "config", "cli")
                .whereLayer("status")
                .mayOnlyBeAccessedByLayers("admin", "root", "config", "cli")
                .whereLayer("admin")
                .mayOnlyBeAccessedByLayers("root", "config", "cli")
                .whereLayer("config")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void onlyWatchKnowsTheKubernetesClient() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.fairlead.k8s.watch..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fabric8..")
                .because("its types are heavy, and a second source must give the same facts")
                .check(CLASSES);
    }

    @Test
    void nobodyKnowsNetty() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .because("the data plane is reached by snapshots alone")
                .check(CLASSES);
    }

    @Test
    void rulesArePure() {
        noClasses()
                .that()
                .resideInAnyPackage("io.fairlead.k8s.cluster..", "io.fairlead.k8s.local..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..",
                        "java.net..",
                        "java.nio.file..",
                        "java.util.concurrent..",
                        "tools.jackson..")
                .because("the view of a node is a function of state and options alone")
                .check(CLASSES);
    }
}
