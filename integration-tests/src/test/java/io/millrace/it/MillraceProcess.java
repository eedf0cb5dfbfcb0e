package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.storage.net.StablePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server process started with {@code up} or {@code node}. */
public final class MillraceProcess implements AutoCloseable {

    private static final Pattern READY =
            Pattern.compile(
                    "Millrace is ready: .*grpc=(\\S+):(\\d+) management=(\\S+):(\\d+)(?: kafka=\\S+:(\\d+))?(?: kafka-external=\\S+:(\\d+))?.*");

    /**
     * A process that may not be ready yet.
     *
     * @param command the command line, from the subcommand on
     */
    record Launched(Process process, Path errors, List<String> command) {

        /** Waits until the process reports that it is ready. */
        MillraceProcess awaitReady() {
            try {
                BufferedReader out = process.inputReader(UTF_8);
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    Matcher ready = READY.matcher(line);
                    if (ready.matches()) {
                        return new MillraceProcess(
                                process,
                                errors,
                                Integer.parseInt(ready.group(2)),
                                Integer.parseInt(ready.group(4)),
                                Optional.ofNullable(ready.group(5)).map(Integer::valueOf),
                                Optional.ofNullable(ready.group(6)).map(Integer::valueOf));
                    }
                }
                process.waitFor();
                throw new AssertionError(
                        command.getFirst()
                                + " ended with "
                                + process.exitValue()
                                + " before it was ready: "
                                + Files.readString(errors));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private final Process process;
    private final Path errors;
    private final int grpcPort;
    private final int managementPort;
    private final Optional<Integer> kafkaPort;
    private final Optional<Integer> externalKafkaPort;

    private MillraceProcess(
            Process process,
            Path errors,
            int grpcPort,
            int managementPort,
            Optional<Integer> kafkaPort,
            Optional<Integer> externalKafkaPort) {
        this.process = process;
        this.errors = errors;
        this.grpcPort = grpcPort;
        this.managementPort = managementPort;
        this.kafkaPort = kafkaPort;
        this.externalKafkaPort = externalKafkaPort;
    }

    /**
     * Starts a server and waits until it is ready.
     *
     * @param data the data folder
     * @param more further arguments of {@code up}
     */
    public static MillraceProcess up(Path data, String... more) {
        return up(data, Map.of(), more);
    }

    static MillraceProcess up(Path data, Map<String, String> environment, String... more) {
        return up(data, 0, environment, more);
    }

    /**
     * Starts a server on a given port, so that its clients find it after a restart.
     *
     * @param grpcPort see {@link #stablePort}
     */
    static MillraceProcess up(Path data, int grpcPort, String... more) {
        return up(data, grpcPort, Map.of(), more);
    }

    /** Returns a port on which a server can restart: see {@link StablePorts}. */
    static int stablePort() {
        return StablePorts.next();
    }

    private static MillraceProcess up(
            Path data, int grpcPort, Map<String, String> environment, String... more) {
        List<String> command = new ArrayList<>(List.of("up", "--data", data.toString()));
        command.addAll(List.of("--grpc-port", "" + grpcPort, "--management-port", "0"));
        command.addAll(List.of(more));
        return launch(command, environment).awaitReady();
    }

    /**
     * Starts a node of a cluster and waits until it is ready.
     *
     * @param grpcPort the port; 0 for any free one
     * @param arguments further arguments of {@code node}
     */
    static MillraceProcess node(
            int grpcPort, Map<String, String> environment, String... arguments) {
        return launchNode(grpcPort, environment, arguments).awaitReady();
    }

    /** Starts a node without waiting: see {@link #allReady}. */
    static Launched launchNode(int grpcPort, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of("node", "--grpc-port", "" + grpcPort));
        command.addAll(List.of("--management-port", "0"));
        command.addAll(List.of(arguments));
        return launch(command, environment);
    }

    /** Waits for processes that start in parallel. If one does not start, all are ended. */
    static List<MillraceProcess> allReady(List<Launched> launched) {
        try {
            return launched.stream().map(Launched::awaitReady).toList();
        } catch (RuntimeException | Error failed) {
            launched.forEach(each -> each.process().destroyForcibly());
            throw failed;
        }
    }

    private static Launched launch(List<String> command, Map<String, String> environment) {
        try {
            Path errors = Files.createTempFile("millrace-", ".err");
            ProcessBuilder builder = MillraceCommandLine.builder(command);
            builder.environment().put("MILLRACE_KAFKA_PORT", command.contains("up") ? "0" : "off");
            builder.environment().putAll(environment);
            return new Launched(builder.redirectError(errors.toFile()).start(), errors, command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns HOST:PORT for the {@code --server} option. */
    String address() {
        return "localhost:" + grpcPort;
    }

    /** Returns HOST:PORT for Kafka clients. */
    public String kafkaAddress() {
        return "localhost:" + kafkaPort.orElseThrow();
    }

    /** Returns HOST:PORT of the external listener for Kafka clients. */
    String externalKafkaAddress() {
        return "localhost:" + externalKafkaPort.orElseThrow();
    }

    int managementPort() {
        return managementPort;
    }

    /** Creates a topic, faster than a command in its own process. */
    void createTopic(String topic, int partitions) {
        ClientSettings here = ClientSettings.of(address()).withoutDiscovery();
        try (MillraceClient client = MillraceClient.connect(here)) {
            client.topics().create(topic, partitions, Map.of());
        }
    }

    /** Opens a channel, which the caller must shut down. */
    ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("localhost", grpcPort)
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    /** Returns the standard error so far. */
    String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Suspends the process until {@link #resume}. */
    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int exit =
                    new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new AssertionError("no signal " + name + " to the server");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends SIGTERM and returns the exit code. */
    int terminate() {
        sendTerm();
        return awaitEnd();
    }

    void sendTerm() {
        process.destroy();
    }

    /** Waits until the process ends by itself and returns the exit code. */
    int awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the server does not end: " + errors());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
