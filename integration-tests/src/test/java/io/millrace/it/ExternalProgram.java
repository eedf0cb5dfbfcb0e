package io.millrace.it;

import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Runs programs of Kafka, of Debian and of other registries in processes of their own. */
@SystemAccess("runs other programs")
final class ExternalProgram {

    private static final int LONGEST_SECONDS = 300;

    /**
     * The result of a run.
     *
     * @param command the command line
     * @param exit the exit code
     * @param out the standard output
     * @param err the standard error
     */
    record Result(List<String> command, int exit, String out, String err) {

        /** Returns the standard output, or fails if the exit code is not 0. */
        String ok() {
            if (exit != 0) {
                throw new AssertionError(
                        "%s: exit %d: %s%s".formatted(String.join(" ", command), exit, err, out));
            }
            return out;
        }

        List<String> lines() {
            return ok().lines().toList();
        }
    }

    /**
     * A program that runs until it is closed.
     *
     * @param output the file with both outputs
     */
    record Running(Process process, Path output) implements AutoCloseable {

        /** Waits until a condition is true, and fails if the program ends before. */
        void await(String what, BooleanSupplier so) {
            Eventually.await(
                    () -> what + ": " + text(),
                    () -> {
                        if (!process.isAlive()) {
                            throw new AssertionError("ended before " + what + ": " + text());
                        }
                        return so.getAsBoolean();
                    });
        }

        String text() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                process.destroyForcibly().waitFor();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private ExternalProgram() {}

    /** Starts a program that runs until it is closed. */
    static Running start(List<String> command, Map<String, String> environment, Path output)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return new Running(builder.start(), output);
    }

    /**
     * Runs a program to its end.
     *
     * @param environment additional environment variables
     * @param in the standard input
     */
    static Result run(List<String> command, Map<String, String> environment, String in) {
        try {
            Path folder = Files.createTempDirectory("millrace-program-");
            Path input = Files.writeString(folder.resolve("in"), in);
            Path out = folder.resolve("out");
            Path err = folder.resolve("err");
            ProcessBuilder builder =
                    new ProcessBuilder(command)
                            .redirectInput(input.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError(
                            "%s does not end: %s%s"
                                    .formatted(
                                            String.join(" ", command),
                                            Files.readString(err),
                                            Files.readString(out)));
                }
            } finally {
                process.destroyForcibly();
            }
            Result result =
                    new Result(
                            command,
                            process.exitValue(),
                            Files.readString(out),
                            Files.readString(err));
            delete(folder);
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns the command line of a Java program with a class path of its own.
     *
     * @param libraries the folder below {@code kafka-programs/target} that has the libraries
     * @param more further entries of the class path
     */
    static List<String> java(String libraries, List<Path> more, String main, String... arguments) {
        Path folder = MillraceCommandLine.root().resolve("kafka-programs/target/" + libraries);
        List<String> classPath = new ArrayList<>(List.of(folder.resolve("*").toString()));
        more.forEach(each -> classPath.add(each.toString()));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        String.join(":", classPath),
                        main));
        command.addAll(List.of(arguments));
        return command;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(folder);
    }
}
