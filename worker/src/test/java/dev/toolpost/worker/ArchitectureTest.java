package dev.toolpost.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The few rules that keep the worker's packages apart. */
class ArchitectureTest {
    /** Packages that only decide: whatever they need of the world comes in as an argument. */
    private static final String[] PURE = {
        "dev.toolpost.worker.retry..", "dev.toolpost.worker.paging..", "dev.toolpost.worker.classify.."
    };

    private static final JavaClasses WORKER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.toolpost.worker");

    @Test
    void featuresHaveNoCycles() {
        slices().matching("dev.toolpost.worker.(*)..").should().beFreeOfCycles().check(WORKER);
    }

    @Test
    void whatDecidesKnowsNeitherKafkaNorAnHttpClient() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "org.apache.hc..", "java.net.http..")
                .allowEmptyShould(true)
                .check(WORKER);
    }

    @Test
    void whatDecidesIsToldTheTime() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Clock.class, "systemDefaultZone")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .allowEmptyShould(true)
                .check(WORKER);
    }

    @Test
    void theWorkerRunsWithoutSandboxAndCommandLine() {
        noClasses()
                .that()
                .resideInAPackage("dev.toolpost.worker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.toolpost.sandbox..", "dev.toolpost.cli..", "dev.toolpost.client..")
                .check(WORKER);
    }
}
