package io.millrace.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several versions of Kafka's Java client, in processes of their own, against a server. */
@Timeout(180)
class KafkaClientVersionsIT {

    @TempDir static Path data;
    private static MillraceProcess server;

    @BeforeAll
    static void startServer() {
        server = MillraceProcess.up(data);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void version28AdministersProducesAndConsumes() {
        run("client-2.8", "default");
    }

    @Test
    void version39AdministersProducesAndConsumes() {
        run("client-3.9", "classic");
    }

    @Test
    void version44AdministersProducesAndConsumesWithBothGroupProtocols() {
        run("client-4.4", "classic", "consumer");
    }

    private static void run(String libraries, String... protocols) {
        Path tests = MillraceCommandLine.root().resolve("integration-tests/target/test-classes");
        List<String> arguments = new ArrayList<>(List.of(server.kafkaAddress(), libraries));
        arguments.addAll(List.of(protocols));
        ExternalProgram.run(
                        ExternalProgram.java(
                                libraries,
                                List.of(tests),
                                KafkaClientScenario.class.getName(),
                                arguments.toArray(String[]::new)),
                        Map.of(),
                        "")
                .ok();
    }
}
