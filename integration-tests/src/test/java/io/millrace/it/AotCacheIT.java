package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ahead-of-time caches that the build creates and {@code ./millrace} uses. */
class AotCacheIT {

    private static final String CACHED = " source: shared objects file";

    @TempDir Path folder;

    @Test
    void aCommandLoadsItsClassesFromTheCache() throws Exception {
        Path loaded = folder.resolve("loaded");
        MillraceCommandLine.runProcess(logging(loaded), "topic", "--help").ok();
        assertThat(Files.readString(loaded)).contains("io.millrace.cli.MillraceCommand" + CACHED);
    }

    @Test
    void aServerLoadsItsClassesFromTheCache() throws Exception {
        Path loaded = folder.resolve("loaded");
        MillraceCommandLine.runProcess(logging(loaded), "up", "--help").ok();
        assertThat(Files.readString(loaded))
                .contains("io.millrace.server.node.Node" + CACHED)
                .contains("io.quarkus.runner.ApplicationImpl" + CACHED);
    }

    @Test
    void anIncompatibleCacheIsIgnoredSilently() {
        for (String[] command : new String[][] {{"topic", "--help"}, {"up", "--help"}}) {
            MillraceCommandLine.Result plain = MillraceCommandLine.runProcess(command).ok();
            MillraceCommandLine.Result other =
                    MillraceCommandLine.runProcess(
                                    Map.of("MILLRACE_JAVA_OPTS", "-XX:+UseCompactObjectHeaders"),
                                    command)
                            .ok();
            assertThat(other.text()).isEqualTo(plain.text());
            assertThat(other.err()).isEmpty();
        }
    }

    private static Map<String, String> logging(Path loaded) {
        return Map.of("MILLRACE_JAVA_OPTS", "-Xlog:class+load:file=" + loaded);
    }
}
