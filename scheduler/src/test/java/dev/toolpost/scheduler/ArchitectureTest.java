package dev.toolpost.scheduler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The few rules that keep the scheduler's packages apart. */
class ArchitectureTest {

    private static final JavaClasses SCHEDULER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.toolpost.scheduler");

    @Test
    void featuresHaveNoCycles() {
        slices().matching("dev.toolpost.scheduler.(*)..")
                .should()
                .beFreeOfCycles()
                .check(SCHEDULER);
    }

    @Test
    void featuresDoNotKnowTheProcessAroundThem() {
        noClasses()
                .that()
                .resideInAPackage("dev.toolpost.scheduler.(*)..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.toolpost.scheduler")
                .check(SCHEDULER);
    }

    @Test
    void noClockOfThisMachineDecidesAnything() {
        noClasses()
                .that()
                .resideInAPackage("dev.toolpost.scheduler..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
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
                .check(SCHEDULER);
    }

    @Test
    void theSchedulerRunsWithoutWorkerSandboxAndCommandLine() {
        noClasses()
                .that()
                .resideInAPackage("dev.toolpost.scheduler..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.toolpost.worker..",
                        "dev.toolpost.sandbox..",
                        "dev.toolpost.cli..",
                        "dev.toolpost.client..")
                .check(SCHEDULER);
    }
}
