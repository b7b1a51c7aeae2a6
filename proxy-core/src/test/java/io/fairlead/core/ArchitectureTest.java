package io.fairlead.core;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The shape of the module (DESIGN section 2), kept by the build.
class ArchitectureTest {

    private static final String ROOT = "io.fairlead.core";

    private static final JavaClasses PRODUCT =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(ROOT);

    private static final JavaClasses TESTS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                    .importPackages(ROOT);

    /// Each package with those of ours that it may use. The root may use all and none may use it.
    @ParameterizedTest
    @CsvSource({
        "service,   ''",
        "host,      service kernel",
        "backend,   service",
        "balance,   service backend",
        "table,     service backend balance",
        "kernel,    ''",
        "bpf,       kernel",
        "handover,  service backend balance table kernel",
        "capture,   service backend table kernel bpf host handover",
        "transport, kernel",
        "flow,      service backend balance table",
        "tcp,       service backend balance table flow capture transport kernel",
        "udp,       service backend balance table flow capture transport kernel handover",
    })
    void aPackageUsesOnlyThoseBeforeIt(String name, String allowed) {
        List<String> may = new ArrayList<>(List.of(ROOT + "." + name + ".."));
        for (String other : allowed.split(" ", -1)) {
            if (!other.isEmpty()) {
                may.add(ROOT + "." + other + "..");
            }
        }
        ArchRule rule =
                noClasses()
                        .that()
                        .resideInAPackage(ROOT + "." + name + "..")
                        .should()
                        .dependOnClassesThat(
                                resideInAPackage(ROOT + "..")
                                        .and(not(resideInAnyPackage(may.toArray(new String[0])))));
        rule.check(PRODUCT);
    }

    /// A package that the rule above does not know would be free to use anything.
    @Test
    void everyPackageHasItsPlace() {
        classes()
                .should()
                .resideInAnyPackage(
                        ROOT,
                        ROOT + ".service",
                        ROOT + ".host",
                        ROOT + ".backend",
                        ROOT + ".balance",
                        ROOT + ".table",
                        ROOT + ".kernel",
                        ROOT + ".bpf",
                        ROOT + ".capture",
                        ROOT + ".handover",
                        ROOT + ".transport",
                        ROOT + ".flow",
                        ROOT + ".tcp",
                        ROOT + ".udp")
                .check(PRODUCT);
    }

    @Test
    void nettyStaysAtTheSockets() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".transport..", ROOT + ".tcp..", ROOT + ".udp..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(PRODUCT);
    }

    @Test
    void kubernetesIsUnknownHere() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fabric8..", "io.fairlead.k8s..")
                .check(PRODUCT);
    }

    /// Streams and Optional allocate: not where every connection or every read goes through.
    @Test
    void theFlowPathHasNoStreamsAndNoOptional() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".flow..")
                .or()
                .haveSimpleName("SocketHandle")
                .or()
                .haveSimpleName("BufferPool")
                .or()
                .haveSimpleName("FlowSide")
                .or()
                .haveSimpleName("Mover")
                .or()
                .haveSimpleName("PipePool")
                .or()
                .haveSimpleName("TcpFlow")
                .or()
                .haveSimpleName("TcpLoop")
                .or()
                .haveSimpleName("TcpCounters")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.stream..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.Optional.*")
                .check(PRODUCT);
    }

    @Test
    void nothingIsPrinted() {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(PRODUCT);
    }

    /// A test that sleeps is slow when all is well and fails when the machine is slow.
    @Test
    void nobodySleeps() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(PRODUCT);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(TESTS);
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .check(TESTS);
        noClasses()
                .that()
                .doNotHaveSimpleName("Eventually")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("LockSupport")
                .check(TESTS);
    }
}
