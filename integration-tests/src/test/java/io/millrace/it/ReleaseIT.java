package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.SystemAccess;
import io.millrace.storage.TestScale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that {@code ./release} publishes. */
@Tag(TestScale.FULL)
@Tag("serial")
@SystemAccess("runs other programs")
class ReleaseIT {

    private static Path release;

    @TempDir Path folder;

    @BeforeAll
    static void buildTheRelease() throws Exception {
        Path root = MillraceCommandLine.root();
        Map<String, String> variables =
                Map.of("MILLRACE_BUILT", "1", "BWRAP", ImageSandbox.bubblewrap());
        run(root, variables, root.resolve("release").toString());
        release = root.resolve("target/release");
    }

    @Test
    void theServerAndTheCommandRunWithoutMavenAndJava() throws Exception {
        unpack("-linux-");
        Path command = only(folder).resolve("bin/millrace");
        // The start fails if the ahead-of-time cache cannot be used.
        Map<String, String> variables =
                Map.of("JAVA_HOME", "", "MILLRACE_JAVA_OPTS", "-XX:AOTMode=on");
        for (String subcommand : List.of("topic", "node")) {
            assertThat(run(folder, variables, command.toString(), subcommand, "--help"))
                    .startsWith("Usage: millrace " + subcommand);
        }
    }

    @Test
    void theManifestsRender() throws Exception {
        unpack("-kubernetes");
        String local = only(folder).resolve("overlays/local").toString();
        assertThat(run(folder, Map.of(), "kubectl", "kustomize", local))
                .contains("image: millrace:");
    }

    @Test
    void theClientHasSourcesAndDocumentation() throws Exception {
        try (Stream<Path> files = Files.list(release)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.matches("millrace-client-.*-sources.jar"))
                    .anyMatch(name -> name.matches("millrace-client-.*-javadoc.jar"))
                    .filteredOn(name -> name.matches("millrace-(client|protocol|runtime).*.jar"))
                    .hasSize(5);
        }
    }

    @Test
    void everyFileHasItsChecksum() throws Exception {
        run(release, Map.of(), "sha256sum", "--check", "SHA256SUMS");
        try (Stream<Path> files = Files.list(release)) {
            assertThat(Files.readAllLines(release.resolve("SHA256SUMS")))
                    .hasSize((int) files.count() - 1);
        }
    }

    private void unpack(String part) throws Exception {
        try (Stream<Path> files = Files.list(release)) {
            Path archive =
                    files.filter(file -> file.toString().contains(part))
                            .filter(file -> file.toString().endsWith(".tar.gz"))
                            .findFirst()
                            .orElseThrow();
            run(folder, Map.of(), "tar", "--extract", "--file", archive.toString());
        }
    }

    private static Path only(Path folder) throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    private static String run(Path folder, Map<String, String> variables, String... command)
            throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
        return output;
    }
}
