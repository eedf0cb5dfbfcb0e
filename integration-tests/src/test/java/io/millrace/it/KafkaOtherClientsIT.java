package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are based neither on Kafka's Java client nor on librdkafka, against a server. */
@Tag("full")
@Timeout(300)
class KafkaOtherClientsIT {

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
    void kafkaPythonAdministersProducesAndConsumes() throws Exception {
        assertThat(
                        DebianProgram.of("python3-kafka")
                                .python(
                                        Scripts.text("kafka_python_client.py"),
                                        server.kafkaAddress())
                                .lines())
                .containsExactly("created", "produced 200", "consumed 200", "committed 200");
    }

    @Test
    void kafkajsAdministersProducesAndConsumes() throws Exception {
        assertThat(
                        NodePackages.install("kafkajs@2.2.4")
                                .run("kafkajs_client.js", server.kafkaAddress())
                                .lines())
                .containsExactly("created", "produced 200", "consumed 200", "committed 200");
    }

    @Test
    void platformaticKafkaAdministersProducesAndConsumesWithBothGroupProtocols() throws Exception {
        assertThat(
                        NodePackages.install("@platformatic/kafka@2.12.1")
                                .run("platformatic_client.mjs", server.kafkaAddress())
                                .lines())
                .containsExactly("created", "produced 500", "consumed 500", "consumed 500");
    }
}
