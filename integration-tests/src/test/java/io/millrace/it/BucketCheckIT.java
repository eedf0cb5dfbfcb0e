package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of {@code millrace bucket check} on missing, damaged and foreign objects. */
class BucketCheckIT {

    @TempDir Path folder;

    @Test
    void missingDamagedAndForeignObjectsAreReported() throws Exception {
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"))) {
            String address = server.address();
            run(address, "topic", "create", "logs").ok();
            produce(address, "one");
            Path first = blocks().getFirst();
            produce(address, "two");
            Path second =
                    blocks().stream().filter(block -> !block.equals(first)).toList().getFirst();
            Path foreign = Files.writeString(first.resolveSibling("my notes (2).txt"), "mine");
            MillraceCommandLine.Result whole = run(address, "bucket", "check", "--verify");
            assertThat(whole.exit()).as(whole.err() + whole.text()).isZero();
            assertThat(lineOf(whole, foreign)).endsWith("\tforeign");
            assertThat(lineOf(whole, first)).endsWith("\treferenced");
            assertThat(whole.text()).contains("0 missing, 0 damaged");

            flipByte(second);
            assertThat(run(address, "bucket", "check").exit())
                    .as("only a check of the content finds damage")
                    .isZero();
            MillraceCommandLine.Result damaged = run(address, "bucket", "check", "--verify");
            assertThat(damaged.exit()).isEqualTo(1);
            assertThat(lineOf(damaged, second)).contains("\treferenced\tdamaged: ");

            Files.delete(first);
            MillraceCommandLine.Result missing = run(address, "bucket", "check");
            assertThat(missing.exit()).isEqualTo(1);
            assertThat(lineOf(missing, first))
                    .contains("\treferenced\tmissing: ", "records of topic logs");
            assertThat(missing.text()).contains("1 missing, 0 damaged");
            assertThat(run(address, "bucket", "check", "--output", "json").text().lines())
                    .anyMatch(line ->
                            line.contains("\"condition\":\"missing\"")
                                    && line.contains(name(first)))
                    .last()
                    .asString()
                    .contains("\"missing\":1,\"damaged\":0");
        }
    }

    private void produce(String server, String name) throws IOException {
        List<String> lines = IntStream.range(0, 100).mapToObj(i -> name + " " + i).toList();
        Path file = Files.write(folder.resolve(name), lines);
        run(server, "produce", "logs", "--file", file.toString()).ok();
    }

    private List<Path> blocks() {
        return BucketFiles.pathsContaining(folder.resolve("data"), ",wal,");
    }

    private static void flipByte(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[100] ^= 1;
        Files.write(file, bytes);
    }

    /** Returns the object key of a file. */
    private static String name(Path file) {
        Path parent = file.getParent();
        return (parent == null ? "" : parent.getFileName() + "/")
                + file.getFileName().toString().replace(',', '/');
    }

    private static String lineOf(MillraceCommandLine.Result result, Path file) {
        return result.text()
                .lines()
                .filter(line -> line.startsWith(name(file) + "\t"))
                .findFirst()
                .orElse("no line of " + name(file) + " in\n" + result.text() + result.err());
    }

    private static MillraceCommandLine.Result run(String server, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = server;
        return MillraceCommandLine.run(all);
    }
}
