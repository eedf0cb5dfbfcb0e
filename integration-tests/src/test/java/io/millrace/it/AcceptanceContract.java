package io.millrace.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.TestScale;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first steps of a new user on one kind of bucket: log files are produced, and the same lines
 * are consumed.
 */
abstract class AcceptanceContract {

    private static final int PARTITIONS = TestScale.count(2, 8);

    @TempDir Path folder;

    /** Returns the arguments of {@code up} that choose the bucket. */
    abstract String[] bucket();

    /** Returns the environment of {@code up}, with credentials if the bucket requires them. */
    Map<String, String> environment() {
        return Map.of();
    }

    @Test
    void everyLineIsConsumedUnchangedAndInOrderTwice() throws IOException {
        Path data = folder.resolve("data");
        List<Path> files = List.of(logFile(1, 2000), logFile(2, 3000), oddFile());
        String[] first;
        try (MillraceProcess server = MillraceProcess.up(data, environment(), bucket())) {
            run(server, "topic", "create", "logs", "--partitions", "" + PARTITIONS);
            for (Path file : files) {
                run(server, "produce", "logs", "--file", file.toString());
            }
            first = consumeEach(server);
            assertThat(consumeEach(server)).isEqualTo(first);
            assertThat(server.terminate()).isZero();
        }
        try (MillraceProcess server = MillraceProcess.up(data, environment(), bucket())) {
            assertThat(consumeEach(server)).as("after a restart").isEqualTo(first);
        }
        List<String> read = new ArrayList<>();
        for (String partition : first) {
            read.addAll(lines(partition));
        }
        List<String> written = new ArrayList<>();
        for (Path file : files) {
            written.addAll(lines(Files.readString(file, ISO_8859_1)));
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(written);
        for (String partition : first) {
            assertThat(lines(partition))
                    .as("a partition's lines keep the order of the files")
                    .isEqualTo(inOrderOf(written, lines(partition)));
        }
    }

    /** Returns the wanted lines in the order in which they were written; every line occurs once. */
    private static List<String> inOrderOf(List<String> written, List<String> wanted) {
        var chosen = new HashSet<>(wanted);
        return written.stream().filter(chosen::contains).toList();
    }

    private String[] consumeEach(MillraceProcess server) {
        String[] partitions = new String[PARTITIONS];
        for (int p = 0; p < PARTITIONS; p++) {
            partitions[p] =
                    new String(
                            run(
                                            server,
                                            "consume",
                                            "logs",
                                            "--partition",
                                            "" + p,
                                            "--from",
                                            "beginning")
                                    .out(),
                            ISO_8859_1);
        }
        return partitions;
    }

    private static MillraceCommandLine.Result run(MillraceProcess server, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = server.address();
        return MillraceCommandLine.run(all).ok();
    }

    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines;
    }

    private Path logFile(long seed, int lines) throws IOException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append(
                            "2026-01-01T00:00:%02d,%03d file-%d line-%d INFO "
                                    .formatted(i % 60, i % 1000, seed, i))
                    .append("request ")
                    .append(Long.toHexString(random.nextLong()))
                    .append(" took ")
                    .append(random.nextInt(5000))
                    .append(" ms\n");
        }
        return Files.writeString(folder.resolve("log-" + seed + ".log"), text);
    }

    /**
     * Returns a file with carriage returns, tabs, bytes that are not UTF-8, and no newline at the
     * end.
     */
    private Path oddFile() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(
                "odd carriage return\r\n\todd tab\todd\nodd ümlaut\nodd not UTF-8 "
                        .getBytes(UTF_8));
        bytes.write(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        bytes.write("\nodd last line without newline".getBytes(UTF_8));
        return Files.write(folder.resolve("odd.log"), bytes.toByteArray());
    }
}
