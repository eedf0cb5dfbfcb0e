package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exit codes and standard streams of the script that users run are those of the command. */
class ScriptIT {

    @TempDir Path folder;

    @Test
    void exitCodesAndStreamsPassThroughTheScript() throws Exception {
        byte[] lines = "one\n\0 not text \u00ff\n".getBytes(UTF_8);
        lines[lines.length - 2] = (byte) 0xff;
        Path in = Files.write(folder.resolve("in"), lines);
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"))) {
            String at = server.address();
            run("topic", "create", "t", "--server", at).ok();
            assertThat(
                            MillraceCommandLine.runProcess(
                                            Map.of(), in, "produce", "t", "--server", at)
                                    .ok()
                                    .text())
                    .startsWith("Stored 2 records");
            assertThat(run("consume", "t", "--server", at).ok().out()).isEqualTo(lines);

            MillraceCommandLine.Result rejected = run("topic", "create", "t", "--server", at);
            assertThat(rejected.exit()).isEqualTo(1);
            assertThat(rejected.err()).contains("t").hasLineCount(1);
            assertThat(rejected.out()).isEmpty();
        }
        MillraceCommandLine.Result usage = run("topic", "create", "--partitions", "none", "t");
        assertThat(usage.exit()).isEqualTo(2);
        assertThat(usage.err()).contains("--partitions");
    }

    private static MillraceCommandLine.Result run(String... arguments) {
        return MillraceCommandLine.runProcess(arguments);
    }
}
