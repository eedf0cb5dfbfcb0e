package io.millrace.it;

import static io.millrace.it.KafkaTool.TOOLS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.differential.KafkaBroker;
import io.millrace.storage.net.StablePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Connect and MirrorMaker on a server, which keeps their settings, offsets and states. */
@Tag("full")
@Timeout(300)
class KafkaConnectIT {

    private static final List<String> LINES =
            IntStream.range(0, 200).mapToObj(i -> "line " + i).toList();

    @TempDir Path folder;
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void linesPassFromAFileThroughATopicIntoAFile() throws Exception {
        Path source = Files.write(folder.resolve("source.txt"), LINES);
        Path sink = folder.resolve("sink.txt");
        int port = StablePorts.next();
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"));
                ExternalProgram.Running worker = startWorker(server, port)) {
            worker.await("the worker is ready", () -> isReady(port));
            put(port, "source", "FileStreamSourceConnector", "topic", source);
            put(port, "sink", "FileStreamSinkConnector", "topics", sink);

            worker.await("all lines are in the sink", () -> lines(sink).equals(LINES));
        }
    }

    @Test
    void mirrorMakerCopiesRecordsOffsetsAndSettingsFromKafka() throws Exception {
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"));
                KafkaBroker kafka = KafkaBroker.launch(folder)) {
            kafka.awaitReady();
            tool(
                    kafka,
                    "",
                    TOOLS + "TopicCommand",
                    "--create",
                    "--topic",
                    "mirrored",
                    "--partitions",
                    "1",
                    "--config",
                    "retention.ms=7200000");
            tool(
                    kafka,
                    String.join("\n", LINES) + "\n",
                    TOOLS + "ConsoleProducer",
                    "--topic",
                    "mirrored");
            String[] consume = {
                "--topic", "mirrored", "--group", "readers", "--from-beginning", "--max-messages"
            };
            tool(kafka, "", TOOLS + "consumer.ConsoleConsumer", with(consume, "" + LINES.size()));

            try (ExternalProgram.Running mirror = startMirror(kafka, server)) {
                mirror.await(
                        "the topic is mirrored",
                        () ->
                                run(server, TOOLS + "TopicCommand", "--list")
                                        .contains("kafka.mirrored"));
                mirror.await(
                        "the records are mirrored",
                        () -> offsets(server).contains("kafka.mirrored:0:" + LINES.size()));
                mirror.await(
                        "the offsets of the group are mirrored",
                        () -> run(server, KafkaTool.GROUPS, "--list").contains("readers"));
                mirror.await(
                        "the settings of the topic are mirrored",
                        () ->
                                run(
                                                server,
                                                KafkaTool.CONFIGS,
                                                "--describe",
                                                "--entity-type",
                                                "topics",
                                                "--entity-name",
                                                "kafka.mirrored")
                                        .contains("retention.ms=7200000"));
                assertThat(
                                run(
                                                server,
                                                TOOLS + "consumer.ConsoleConsumer",
                                                "--topic",
                                                "kafka.mirrored",
                                                "--from-beginning",
                                                "--max-messages",
                                                "" + LINES.size())
                                        .lines()
                                        .toList())
                        .isEqualTo(LINES);
            }
        }
    }

    private ExternalProgram.Running startWorker(MillraceProcess server, int port)
            throws IOException {
        Path settings =
                Files.writeString(
                        folder.resolve("worker.properties"),
                        """
                        bootstrap.servers=%s
                        listeners=http://127.0.0.1:%d
                        group.id=connect
                        key.converter=org.apache.kafka.connect.storage.StringConverter
                        value.converter=org.apache.kafka.connect.storage.StringConverter
                        config.storage.topic=connect-configs
                        offset.storage.topic=connect-offsets
                        status.storage.topic=connect-status
                        offset.flush.interval.ms=1000
                        """
                                .formatted(server.kafkaAddress(), port));
        return start("org.apache.kafka.connect.cli.ConnectDistributed", settings);
    }

    private ExternalProgram.Running startMirror(KafkaBroker kafka, MillraceProcess server)
            throws IOException {
        Path settings =
                Files.writeString(
                        folder.resolve("mirror.properties"),
                        """
                        clusters=kafka, millrace
                        kafka.bootstrap.servers=%s
                        millrace.bootstrap.servers=%s
                        kafka->millrace.enabled=true
                        kafka->millrace.topics=mirrored
                        kafka->millrace.groups=readers
                        kafka->millrace.sync.group.offsets.enabled=true
                        kafka->millrace.sync.group.offsets.interval.seconds=1
                        kafka->millrace.emit.checkpoints.interval.seconds=1
                        kafka->millrace.refresh.groups.interval.seconds=5
                        kafka->millrace.sync.topic.configs.interval.seconds=5
                        millrace->kafka.enabled=false
                        replication.factor=1
                        checkpoints.topic.replication.factor=1
                        heartbeats.topic.replication.factor=1
                        offset-syncs.topic.replication.factor=1
                        offset.storage.replication.factor=1
                        status.storage.replication.factor=1
                        config.storage.replication.factor=1
                        """
                                .formatted(kafka.address(), server.kafkaAddress()));
        return start("org.apache.kafka.connect.mirror.MirrorMaker", settings);
    }

    private ExternalProgram.Running start(String main, Path settings) throws IOException {
        return ExternalProgram.start(
                ExternalProgram.java("tools", List.of(), main, settings.toString()),
                Map.of(),
                folder.resolve("connect.log"));
    }

    private static String[] with(String[] some, String last) {
        return IntStream.rangeClosed(0, some.length)
                .mapToObj(i -> i < some.length ? some[i] : last)
                .toArray(String[]::new);
    }

    private static String offsets(MillraceProcess server) {
        return run(server, TOOLS + "GetOffsetShell");
    }

    private static String run(MillraceProcess server, String main, String... arguments) {
        return KafkaTool.run(server, main, arguments).out();
    }

    private static void tool(KafkaBroker kafka, String in, String main, String... arguments) {
        KafkaTool.runWith(kafka.address(), in, main, arguments);
    }

    private boolean isReady(int port) {
        try {
            return send(HttpRequest.newBuilder(uri(port, "")).build()) == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    private void put(int port, String name, String type, String topicKey, Path file) {
        String settings =
                """
                {"connector.class": "org.apache.kafka.connect.file.%s",
                 "file": "%s", "%s": "lines", "tasks.max": "1"}
                """
                        .formatted(type, file, topicKey);
        HttpRequest request =
                HttpRequest.newBuilder(uri(port, "/" + name + "/config"))
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(settings))
                        .build();
        // Refused while the workers agree on their tasks.
        Eventually.await(name + " is created", () -> send(request) == 201);
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + "/connectors" + path);
    }

    private int send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
