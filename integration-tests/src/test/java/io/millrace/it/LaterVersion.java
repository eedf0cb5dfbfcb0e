package io.millrace.it;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.TestLevels;
import io.millrace.runtime.SystemAccess;
import io.millrace.server.node.Node;
import io.millrace.server.node.NodeVersion;
import io.millrace.server.settings.ServerSettings;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import sun.misc.Signal;

/**
 * A node process of a later version of Millrace, which supports a feature level that only tests
 * know. It has no management port.
 */
@SystemAccess("is a process of its own")
final class LaterVersion {

    static final String NAME = "later";

    private LaterVersion() {}

    /**
     * Starts a node without waiting.
     *
     * @param settings the settings by key
     */
    static MillraceProcess.Launched launch(Map<String, String> settings) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx256m",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LaterVersion.class.getName()));
        settings.forEach((key, value) -> command.add(key + "=" + value));
        try {
            Path errors = Files.createTempFile("millrace-", ".err");
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            return new MillraceProcess.Launched(process, errors, List.of("a later version"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a node until SIGTERM, as {@code millrace node} does. */
    public static void main(String... arguments) throws InterruptedException {
        Map<String, String> given = new HashMap<>();
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            given.put(parts[0], parts[1]);
        }
        ServerSettings settings = ServerSettings.node(key -> Optional.ofNullable(given.get(key)));
        CountDownLatch stop = new CountDownLatch(1);
        Signal.handle(new Signal("TERM"), received -> stop.countDown());
        try (Node node =
                Node.open(
                        settings,
                        new NodeVersion(NAME, TestLevels.TWO),
                        new SimpleMeterRegistry(),
                        PlatformDependent.maxDirectMemory())) {
            node.compact();
            String kafka =
                    node.kafkaPort().isPresent()
                            ? " kafka=localhost:" + node.kafkaPort().getAsInt()
                            : "";
            System.out.printf(
                    "Millrace is ready: grpc=localhost:%d management=none:0%s %s%n",
                    node.grpcPort(), kafka, node.description());
            stop.await();
            node.drain();
        }
        System.exit(0);
    }
}
