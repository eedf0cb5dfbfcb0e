package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The smoke test of Kafka Streams against a server: two processes share the work. */
@Tag("full")
@Timeout(400)
class KafkaStreamsIT {

    private static final List<String> TOPICS =
            List.of(
                    "data",
                    "echo",
                    "max",
                    "min",
                    "min-suppressed",
                    "min-raw",
                    "sws-raw",
                    "sws-suppressed",
                    "dif",
                    "sum",
                    "cnt",
                    "avg",
                    "tagg",
                    "fk");

    @TempDir Path folder;

    @Test
    void theSmokeTestFindsTheResultsOfAllRecords() throws Exception {
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"))) {
            TOPICS.forEach(topic -> server.createTopic(topic, 2));
            try (ExternalProgram.Running first = start(server, "first");
                    ExternalProgram.Running second = start(server, "second")) {
                String driver =
                        ExternalProgram.run(
                                        command(settings(server, "driver"), "run"), Map.of(), "")
                                .ok();

                assertThat(driver).contains("ALL-RECORDS-DELIVERED", "SUCCESS");
                assertThat(List.of(first.process(), second.process()))
                        .allMatch(Process::isAlive, "an application that runs");
            }
        }
    }

    private ExternalProgram.Running start(MillraceProcess server, String name) throws IOException {
        return ExternalProgram.start(
                command(settings(server, name), "process"),
                Map.of(),
                folder.resolve(name + ".log"));
    }

    private Path settings(MillraceProcess server, String name) throws IOException {
        return Files.writeString(
                folder.resolve(name + ".properties"),
                """
                bootstrap.servers=%s
                state.dir=%s
                processing.guarantee=at_least_once
                """
                        .formatted(server.kafkaAddress(), folder.resolve(name)));
    }

    private static List<String> command(Path settings, String role) {
        Path tests = MillraceCommandLine.root().resolve("kafka-programs/target/tests/*");
        return ExternalProgram.java(
                "tools",
                List.of(tests),
                "org.apache.kafka.streams.tests.StreamsSmokeTest",
                settings.toString(),
                role);
    }
}
