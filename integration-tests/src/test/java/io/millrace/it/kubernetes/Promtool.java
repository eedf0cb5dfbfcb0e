package io.millrace.it.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.metadata.etcd.DebianPackage;
import io.millrace.runtime.SystemAccess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs promtool of Prometheus: from the PATH, otherwise from Debian's package. */
@SystemAccess("runs promtool")
final class Promtool {

    private Promtool() {}

    /** Returns the output. The failure message has it too, or says what is missing. */
    static String run(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program().toString()));
        command.addAll(List.of(arguments));
        Process promtool =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(promtool.getInputStream().readAllBytes(), UTF_8);
        if (promtool.waitFor() != 0) {
            throw new AssertionError(output);
        }
        return output;
    }

    private static Path program() throws IOException, InterruptedException {
        List<String> whyNot = new ArrayList<>();
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "promtool"))
                .filter(Files::isExecutable)
                .findFirst()
                .or(() -> ofDebian(whyNot))
                .orElseThrow(() ->
                        new AssertionError(
                                "These tests need promtool: put it on the PATH, or run them on Debian or Ubuntu after 'apt-get update'. What was tried: "
                                        + whyNot));
    }

    private static Optional<Path> ofDebian(List<String> whyNot) {
        try {
            return DebianPackage.unpacked("prometheus", whyNot)
                    .map(unpacked -> unpacked.resolve("usr/bin/promtool"));
        } catch (IOException failure) {
            whyNot.add(failure.toString());
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
