package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code ./millrace verify} in the background, for a given time or until {@link #finish}. */
final class VerifyProcess implements AutoCloseable {

    private static final int MINUTES = 5;

    /** Longer than any test. */
    private static final int SECONDS_UNLESS_FINISHED = 600;

    /**
     * The rate of each producer, unless a test sets another: full speed would slow other tests
     * down.
     */
    private static final String RATE = "300k";

    private final Process process;
    private final Path out;
    private final Path err;

    /**
     * The result of a run.
     *
     * @param exit the exit code
     * @param out the standard output
     * @param err the standard error
     */
    record Result(int exit, String out, String err) {

        /**
         * Checks that all acknowledged records are present, and that none was removed by retention
         * or key compaction.
         */
        void assertAllIsThere() {
            assertThat(exit).as(toString()).isZero();
            assertThat(out).startsWith("Verified: ").doesNotContain("except");
        }
    }

    private VerifyProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts a run that sends until {@link #finish}. */
    static VerifyProcess startEndless(String servers, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(List.of("--duration", "" + SECONDS_UNLESS_FINISHED));
        return start(servers, all.toArray(String[]::new));
    }

    /**
     * Starts a run.
     *
     * @param servers the value of {@code --server}
     */
    static VerifyProcess start(String servers, String... more) {
        List<String> command = new ArrayList<>(List.of("verify", "--server", servers));
        command.addAll(List.of(more));
        if (!command.contains("--rate")) {
            command.addAll(List.of("--rate", RATE));
        }
        try {
            Path out = Files.createTempFile("millrace-", ".out");
            Path err = Files.createTempFile("millrace-", ".err");
            Process process =
                    MillraceCommandLine.builder(command)
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            return new VerifyProcess(process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns what the process has reported on standard error so far. */
    String errors() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the producers and waits until the records are verified. */
    Result finish() {
        process.destroy();
        return await();
    }

    Result await() {
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new AssertionError("verify does not end: " + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
