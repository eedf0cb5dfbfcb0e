package io.millrace.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Allowed dependencies between modules, and libraries that only their adapters may use. */
class ArchitectureTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.millrace");

    /** Bottom first. A module may use those listed before it, with the exceptions below. */
    private static final List<String> MODULES =
            List.of(
                    "runtime",
                    "protocol",
                    "storage",
                    "metadata",
                    "security",
                    "ingest",
                    "group",
                    "fetch",
                    "kafka",
                    "compaction",
                    "client",
                    "cli",
                    "server");

    private static final long MAX_FILES_IN_A_PACKAGE = 35;

    @Test
    void arrowsPointOnlyDownwards() {
        for (int i = 0; i < MODULES.size(); i++) {
            String[] higher =
                    MODULES.subList(i + 1, MODULES.size()).stream()
                            .map(ArchitectureTest::packages)
                            .toArray(String[]::new);
            if (higher.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage(packages(MODULES.get(i)))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(higher)
                        .check(CLASSES);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fetch, ingest",
        "group, ingest",
        "compaction, group",
        "compaction, ingest",
        "compaction, fetch",
        "compaction, kafka",
        "protocol, runtime",
        "client, storage",
        "client, metadata",
        "client, ingest"
    })
    void doesNotKnow(String module, String other) {
        noClasses()
                .that()
                .resideInAPackage(packages(module))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(packages(other))
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.millrace.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void packagesHoldAboutThirtyFilesAtMost() {
        CLASSES.stream()
                .filter(type -> !type.isNestedClass())
                .filter(type -> !type.getPackageName().startsWith("io.millrace.protocol.v1"))
                .filter(type -> !isGenerated(type.getPackageName()))
                .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()))
                .forEach((name, count) ->
                        assertThat(count)
                                .as("files of %s", name)
                                .isLessThanOrEqualTo(MAX_FILES_IN_A_PACKAGE));
    }

    @Test
    void theCommandTalksToServersOnlyThroughTheClient() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.millrace.storage..",
                        "io.millrace.metadata..",
                        "io.millrace.ingest..",
                        "io.millrace.fetch..",
                        "io.millrace.group..",
                        "io.millrace.compaction..")
                .check(CLASSES);
    }

    @Test
    void onlyNodesCallTheServicesOfNodes() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.millrace.server..", "io.millrace.protocol.v1.peer..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.protocol.v1.peer..")
                .check(CLASSES);
    }

    @Test
    void grpcIsMetOnlyAtItsEdges() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "..grpc..",
                        "io.millrace.metadata.etcd.jetcd..",
                        "io.millrace.client..",
                        "io.millrace.cli..",
                        "io.millrace.protocol.v1..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.grpc..")
                .check(CLASSES);
    }

    @Test
    void messagesOfKafkaAreMetOnlyInItsEndpoint() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.kafka..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.kafka.common.message..",
                        "org.apache.kafka.common.protocol..",
                        "org.apache.kafka.common.requests..")
                .check(CLASSES);
    }

    @Test
    void theAwsSdkIsMetOnlyInS3() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..s3..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon.awssdk..")
                .check(CLASSES);
    }

    @Test
    void openTelemetryIsMetOnlyInItsAdapters() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.millrace.server.trace..",
                        "io.millrace.client.observation.opentelemetry..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .check(CLASSES);
    }

    @Test
    void theClientNeedsNoLibraryForMetrics() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.client..")
                .and()
                .resideOutsideOfPackage("io.millrace.client.observation.micrometer..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.micrometer..")
                .check(CLASSES);
    }

    @Test
    void jetcdIsMetOnlyInItsAdapter() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.metadata.etcd.jetcd..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.etcd..")
                .check(CLASSES);
    }

    @Test
    void quarkusIsMetOnlyInTheServer() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.server..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "jakarta..", "io.vertx..", "io.smallrye..")
                .check(CLASSES);
    }

    @Test
    void classesAreNamedForWhatTheyAre() {
        classes()
                .that()
                .resideOutsideOfPackage("io.millrace.protocol.v1..")
                .should()
                .haveNameNotMatching(
                        ".*(Manager|Helper|Util|Utils|Impl|Info|Data|Abstract\\w*|Default\\w*)")
                .check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        for (JavaClass type : CLASSES) {
            String name = type.getPackageName();
            if (!name.startsWith("io.millrace.protocol.v1") && !isGenerated(name)) {
                assertThat(type.getPackage().isAnnotatedWith(NullMarked.class))
                        .as("package-info of %s with @NullMarked", name)
                        .isTrue();
            }
        }
    }

    private static boolean isGenerated(String packageName) {
        return packageName.equals("io.millrace.metadata.proto");
    }

    private static String packages(String module) {
        return "io.millrace." + module + "..";
    }
}
