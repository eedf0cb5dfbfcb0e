package io.millrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code ./millrace compact --once} in the background. */
final class CompactJob implements AutoCloseable {

    private static final int MINUTES = 2;

    private final Process process;
    private final Path out;
    private final Path err;

    private CompactJob(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts the job.
     *
     * @param where the options that name the cluster
     */
    static CompactJob start(Map<String, String> environment, List<String> where) {
        List<String> command = new ArrayList<>(List.of("compact", "--once"));
        command.addAll(where);
        try {
            Path out = Files.createTempFile("millrace-", ".out");
            Path err = Files.createTempFile("millrace-", ".err");
            ProcessBuilder builder =
                    MillraceCommandLine.builder(command)
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().putAll(environment);
            return new CompactJob(builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGTERM and waits for the end. */
    MillraceCommandLine.Result terminate() {
        process.destroy();
        return await();
    }

    MillraceCommandLine.Result await() {
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new AssertionError("compact does not end: " + Files.readString(err));
            }
            return new MillraceCommandLine.Result(
                    process.exitValue(), Files.readAllBytes(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Kills the job if it is still running. */
    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
