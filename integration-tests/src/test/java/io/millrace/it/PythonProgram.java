package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.SystemAccess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A script of the tests that runs beside a test. It prints lines, and ends when its standard input
 * ends. Used by one thread, and by its own for the lines.
 */
@SystemAccess("makes a thread and runs another program")
final class PythonProgram implements AutoCloseable {

    private static final int LONGEST_SECONDS = 120;

    private final Path script;
    private final Path errors;
    private final Process process;
    private final Writer in;
    private final Thread thread;

    /**
     * @param libraries the packages with the libraries of the script
     * @param name the name of the script
     * @param received the receiver of each whole line, on a thread of the program
     */
    PythonProgram(
            DebianProgram libraries,
            String name,
            List<String> arguments,
            BiConsumer<PythonProgram, String> received)
            throws IOException {
        script = Files.writeString(Files.createTempFile("millrace-", name), Scripts.text(name));
        errors = Files.createTempFile("millrace-", ".err");
        process =
                libraries
                        .pythonProcess(script.toString(), arguments)
                        .redirectError(errors.toFile())
                        .start();
        in = process.outputWriter(UTF_8);
        thread = Thread.ofPlatform().name(name).start(() -> readLines(received));
    }

    private void readLines(BiConsumer<PythonProgram, String> received) {
        try (BufferedReader out = process.inputReader(UTF_8)) {
            // A program that was killed may have written a part of its last line.
            StringBuilder line = new StringBuilder();
            for (int read = out.read(); read >= 0; read = out.read()) {
                if (read == '\n') {
                    received.accept(this, line.toString());
                    line.setLength(0);
                } else {
                    line.append((char) read);
                }
            }
        } catch (IOException e) {
            // The program was ended.
        }
    }

    /** Sends a line to the program, if it still runs. */
    void send(String line) {
        try {
            in.write(line + "\n");
            in.flush();
        } catch (IOException ended) {
            // The exit code says whether the program failed.
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the standard input, and waits until the program has ended without an error. */
    void finish() throws InterruptedException {
        try {
            in.close();
        } catch (IOException ended) {
            // The exit code says whether the program failed.
        }
        assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).as(errors()).isTrue();
        thread.join();
        assertThat(process.exitValue()).as(errors()).isZero();
    }

    String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        thread.join();
        Files.deleteIfExists(script);
        Files.deleteIfExists(errors);
    }
}
