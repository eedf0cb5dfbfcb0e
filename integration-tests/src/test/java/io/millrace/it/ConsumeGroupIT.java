package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumers of one group, each a process, that join, are killed, and leave. */
class ConsumeGroupIT {

    private static final Pattern RECORD =
            Pattern.compile("\\{\"topic\":\"[^\"]*\",\"partition\":(\\d+),\"offset\":(\\d+),");

    private static final int PARTITIONS = 8;
    private static final int SESSION_SECONDS = 8;

    /** The exit code of a JVM that ends by SIGTERM. */
    private static final int TERMINATED = 143;

    @TempDir Path folder;

    /** A {@code millrace consume --group} process that writes to a file. */
    private final class Consumer implements AutoCloseable {
        private final Path out;
        private final Path err;
        private final Process process;

        Consumer(String name, String server) throws IOException {
            out = folder.resolve(name + ".out");
            err = folder.resolve(name + ".err");
            List<String> command = new ArrayList<>(List.of("consume", "t", "--group", "g"));
            command.addAll(List.of("--session-timeout", "" + SESSION_SECONDS));
            command.addAll(List.of("--format", "json", "--server", server));
            process =
                    MillraceCommandLine.builder(command)
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
        }

        /** Returns the written records in order, without an incomplete last line. */
        List<PartitionAddress> places() {
            try {
                String text = Files.readString(out);
                List<PartitionAddress> places = new ArrayList<>();
                for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                    Matcher record = RECORD.matcher(line);
                    assertThat(record.lookingAt()).as(line).isTrue();
                    places.add(
                            new PartitionAddress(
                                    Integer.parseInt(record.group(1)),
                                    Long.parseLong(record.group(2))));
                }
                return places;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Set<Integer> partitions() {
            return places().stream().map(PartitionAddress::partition).collect(Collectors.toSet());
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        /** Ends the process as a supervisor does. */
        void end() throws IOException, InterruptedException {
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(TERMINATED);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static List<PartitionAddress> both(Consumer consumer, Consumer other) {
        List<PartitionAddress> both = new ArrayList<>(consumer.places());
        both.addAll(other.places());
        return both;
    }

    @Test
    void aKilledConsumerLosesNoRecordAndALeavingOneRepeatsNone() throws Exception {
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"));
                MillraceClient client = MillraceClient.connect(server.address())) {
            client.topics().create("t", PARTITIONS, Map.of());
            String address = server.address();
            try (SteadyWriter writer = new SteadyWriter(client, "t", PARTITIONS);
                    Consumer killed = new Consumer("killed", address);
                    Consumer staying = new Consumer("staying", address)) {
                await(
                        "both have a share",
                        () -> killed.partitions().size() >= 4 && staying.partitions().size() >= 4);
                killed.kill();
                long killedNanos = System.nanoTime();
                Map<Integer, Long> reached = ends(new HashSet<>(killed.places()));
                await(
                        "the other consumer continues in all partitions",
                        () -> isBeyond(staying, reached));
                long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNanos);
                try (Consumer leaving = new Consumer("leaving", address)) {
                    await("a new one has a share", () -> leaving.partitions().size() >= 4);
                    leaving.end();
                    Set<PartitionAddress> stored = writer.end();
                    await(
                            "all is consumed",
                            () -> {
                                Set<PartitionAddress> seen = new HashSet<>(killed.places());
                                seen.addAll(both(staying, leaving));
                                return seen.containsAll(stored);
                            });
                    assertThat(both(staying, leaving)).doesNotHaveDuplicates();
                    staying.end();
                    assertThat(committed(client)).isEqualTo(ends(stored));
                    System.out.printf(
                            "ConsumeGroupIT: %d records; after kill -9 the other consumer continued with its partitions"
                                    + " within %d ms, with a session timeout of %d s%n",
                            stored.size(), taken, SESSION_SECONDS);
                }
            }
        }
    }

    private static boolean isBeyond(Consumer consumer, Map<Integer, Long> ends) {
        Map<Integer, Long> own = ends(new HashSet<>(consumer.places()));
        return ends.entrySet().stream()
                .allMatch(end -> own.getOrDefault(end.getKey(), 0L) > end.getValue());
    }

    private static Map<Integer, Long> committed(MillraceClient client) {
        return client.groups().describe("g").partitions().stream()
                .collect(
                        Collectors.toMap(
                                each -> each.id().partition(),
                                each -> each.committed().orElse(-1)));
    }

    private static Map<Integer, Long> ends(Set<PartitionAddress> stored) {
        return stored.stream()
                .collect(
                        Collectors.toMap(
                                PartitionAddress::partition,
                                place -> place.offset() + 1,
                                Math::max));
    }
}
