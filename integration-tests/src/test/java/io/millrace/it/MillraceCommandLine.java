package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.cli.MillraceCommand;
import io.millrace.cli.terminal.Console;
import io.millrace.runtime.SystemAccess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs the {@code millrace} command: in this JVM, or in a process through the script that users
 * run.
 */
@SystemAccess("makes threads")
final class MillraceCommandLine {

    private static final int LONGEST_SECONDS = 120;

    /**
     * The result of a run.
     *
     * @param exit the exit code
     * @param out the bytes of the standard output
     * @param err the standard error
     */
    record Result(int exit, byte[] out, String err) {

        /** The standard output as text. */
        String text() {
            return new String(out, UTF_8);
        }

        /** Returns this result, or fails if the exit code is not 0. */
        Result ok() {
            if (exit != 0) {
                throw new AssertionError("exit " + exit + ": " + err + text());
            }
            return this;
        }
    }

    private MillraceCommandLine() {}

    /** Returns the root of the source tree. */
    static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(root.resolve("millrace"))) {
            Path parent = root.getParent();
            if (parent == null) {
                throw new AssertionError("no ./millrace above " + Path.of("").toAbsolutePath());
            }
            root = parent;
        }
        return root;
    }

    /** Returns a process that is not started yet. */
    static ProcessBuilder builder(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(root().resolve("millrace").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MILLRACE_BUILT", "1");
        return builder;
    }

    /**
     * Runs a command to its end in this JVM, with standard streams of its own. Commands that start
     * a server are not supported: see {@link #runProcess}.
     */
    static Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console =
                new Console(
                        InputStream.nullInputStream(),
                        out,
                        new PrintStream(err, true, UTF_8),
                        false);
        FutureTask<Integer> command =
                new FutureTask<>(() -> MillraceCommand.run(console, arguments));
        Thread.ofPlatform().daemon().name("millrace-command").start(command);
        try {
            int exit = command.get(LONGEST_SECONDS, TimeUnit.SECONDS);
            return new Result(exit, out.toByteArray(), err.toString(UTF_8));
        } catch (TimeoutException e) {
            throw doesNotEnd(arguments, err.toString(UTF_8));
        } catch (ExecutionException e) {
            throw new AssertionError(String.join(" ", arguments) + " failed", e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a command to its end in a process, through the script. */
    static Result runProcess(String... arguments) {
        return runProcess(Map.of(), Path.of("/dev/null"), arguments);
    }

    /**
     * Runs a command to its end in a process, through the script.
     *
     * @param environment additional environment variables
     */
    static Result runProcess(Map<String, String> environment, String... arguments) {
        return runProcess(environment, Path.of("/dev/null"), arguments);
    }

    /**
     * Runs a command to its end in a process, through the script.
     *
     * @param environment additional environment variables
     * @param in the standard input
     */
    static Result runProcess(Map<String, String> environment, Path in, String... arguments) {
        try {
            Path out = Files.createTempFile("millrace-", ".out");
            Path err = Files.createTempFile("millrace-", ".err");
            ProcessBuilder builder =
                    builder(List.of(arguments))
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw doesNotEnd(arguments, Files.readString(err));
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

    private static AssertionError doesNotEnd(String[] arguments, String err) {
        return new AssertionError(String.join(" ", arguments) + " does not end: " + err);
    }
}
