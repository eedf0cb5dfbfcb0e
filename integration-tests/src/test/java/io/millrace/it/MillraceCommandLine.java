package io.millrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The {@code millrace} command, run as a process of its own through the script that users run. */
final class MillraceCommandLine {

    /**
     * What a run left behind.
     *
     * @param exit its exit code
     * @param out the bytes of its standard output
     * @param err its standard error
     */
    record Result(int exit, byte[] out, String err) {

        /** The standard output as text. */
        String text() {
            return new String(out, StandardCharsets.UTF_8);
        }

        /** This result, if the command did what it should. */
        Result ok() {
            if (exit != 0) {
                throw new AssertionError("exit " + exit + ": " + err + text());
            }
            return this;
        }
    }

    private MillraceCommandLine() {}

    /** A process that is not started yet. */
    static ProcessBuilder builder(List<String> arguments) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(root.resolve("millrace"))) {
            Path parent = root.getParent();
            if (parent == null) {
                throw new AssertionError("no ./millrace above " + Path.of("").toAbsolutePath());
            }
            root = parent;
        }
        List<String> command = new ArrayList<>();
        command.add(root.resolve("millrace").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MILLRACE_BUILT", "1");
        return builder;
    }

    /** Runs a command to its end. */
    static Result run(String... arguments) {
        return run(Map.of(), arguments);
    }

    /** The same, with some more variables in its environment. */
    static Result run(Map<String, String> variables, String... arguments) {
        try {
            Path out = Files.createTempFile("millrace-", ".out");
            Path err = Files.createTempFile("millrace-", ".err");
            ProcessBuilder builder =
                    builder(List.of(arguments))
                            .redirectInput(
                                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().putAll(variables);
            Process process = builder.start();
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(
                        String.join(" ", arguments) + " does not end: " + Files.readString(err));
            }
            Result result =
                    new Result(process.exitValue(), Files.readAllBytes(out), Files.readString(err));
            Files.delete(out);
            Files.delete(err);
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
