package io.millrace.it.requests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.server.IntegrationTestUtils;

/**
 * A server that a test runs against: a process of {@code millrace up} with an empty folder, or the
 * server of the system property {@code requests.bootstrap}.
 */
public final class RunningServer implements AutoCloseable {
    private static final Pattern READY = Pattern.compile(" is ready: .*kafka=\\S*?:(\\d+)(\\s|$)");

    /** Settings of Kafka's broker that have a counterpart. */
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "auto.create.topics.enable", "MILLRACE_KAFKA_CREATE_TOPICS",
                    "broker.rack", "MILLRACE_ZONE",
                    "num.partitions", "MILLRACE_KAFKA_PARTITIONS",
                    "group.initial.rebalance.delay.ms", "MILLRACE_KAFKA_REBALANCE_DELAY_MS",
                    "group.consumer.session.timeout.ms", "MILLRACE_KAFKA_SESSION_TIMEOUT_MS",
                    "group.consumer.heartbeat.interval.ms", "MILLRACE_KAFKA_HEARTBEAT_INTERVAL_MS");

    private static int started;

    private final Optional<Process> process;
    private final Optional<Path> folder;
    private final int port;
    private final MetadataResponseData cluster;

    private RunningServer(Optional<Process> process, Optional<Path> folder, int port) {
        this.process = process;
        this.folder = folder;
        this.port = port;
        this.cluster = metadata();
    }

    /**
     * Starts a server, unless one was given.
     *
     * @param settings settings of Kafka's broker; those without a counterpart are ignored
     */
    public static RunningServer start(Map<String, String> settings) {
        String bootstrap = System.getProperty("requests.bootstrap", "");
        if (!bootstrap.isEmpty()) {
            return new RunningServer(
                    Optional.empty(),
                    Optional.empty(),
                    Integer.parseInt(bootstrap.substring(bootstrap.lastIndexOf(':') + 1)));
        }
        Path folder = Path.of(System.getProperty("requests.work")).resolve("server-" + ++started);
        try {
            Files.createDirectories(folder);
            Path log = folder.resolve("server.log");
            Process process = launch(folder, log, settings);
            return new RunningServer(
                    Optional.of(process), Optional.of(folder), awaitReady(process, log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process launch(Path folder, Path log, Map<String, String> settings)
            throws IOException {
        List<String> command =
                List.of(
                        System.getProperty("requests.millrace"),
                        "up",
                        "--data",
                        folder.resolve("data").toString(),
                        "--grpc-port",
                        "0",
                        "--management-port",
                        "0",
                        "--kafka-port",
                        "0");
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = new HashMap<>();
        SETTINGS.forEach((kafka, millrace) -> {
            if (settings.containsKey(kafka)) environment.put(millrace, settings.get(kafka));
        });
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    private static int awaitReady(Process process, Path log) throws IOException {
        while (true) {
            Matcher ready = READY.matcher(Files.readString(log));
            if (ready.find()) return Integer.parseInt(ready.group(1));
            try {
                if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException(
                            "The server did not start: " + Files.readString(log));
                }
            } catch (InterruptedException e) {
                process.destroy();
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted at the start of the server.", e);
            }
        }
    }

    /** Returns the Kafka port. */
    public int port() {
        return port;
    }

    /** Returns the number of the node. */
    public int number() {
        return cluster.brokers().iterator().next().nodeId();
    }

    /** Returns the id of the cluster. */
    public String clusterId() {
        return cluster.clusterId();
    }

    /** Returns the topics that exist now. */
    public List<MetadataResponseTopic> topics() {
        return new ArrayList<>(metadata().topics());
    }

    private MetadataResponseData metadata() {
        try {
            MetadataResponse response =
                    IntegrationTestUtils.connectAndReceive(
                            MetadataRequest.Builder.allTopics().build(), port);
            return response.data();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills the process and deletes its data. */
    @Override
    public void close() {
        process.ifPresent(running -> {
            running.destroyForcibly();
            running.onExit().join();
        });
        folder.map(path -> path.resolve("data")).ifPresent(RunningServer::delete);
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
