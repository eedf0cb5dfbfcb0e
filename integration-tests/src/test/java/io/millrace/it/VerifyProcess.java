package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code ./millrace verify} in the background: for its time, or until it is told to finish. */
final class VerifyProcess implements AutoCloseable {

    private static final int MINUTES = 5;

    /** Longer than any test lasts. */
    private static final int SECONDS_UNLESS_FINISHED = 600;

    /** Of each producer, unless a test sets another: full speed would slow other tests down. */
    private static final String RATE = "300k";

    private final Process process;
    private final Path out;
    private final Path err;

    /**
     * How it ended.
     *
     * @param exit its exit code
     * @param out its standard output
     * @param err its standard error
     */
    record Result(int exit, String out, String err) {

        /** What was acknowledged is there, and nothing was removed by retention or by key. */
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

    /** Starts it, and it sends until it is told to {@link #finish}. */
    static VerifyProcess startEndless(String servers, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(List.of("--duration", "" + SECONDS_UNLESS_FINISHED));
        return start(servers, all.toArray(String[]::new));
    }

    /**
     * Starts it.
     *
     * @param servers what {@code --server} takes
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

    /** Lets it send no more, and waits until it has proven what it sent. */
    Result finish() {
        process.destroy();
        return await();
    }

    /** Waits for its end. */
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
