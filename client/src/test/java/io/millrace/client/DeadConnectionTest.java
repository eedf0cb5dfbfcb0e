package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Relay;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of a client with a dead connection that reports no error. */
class DeadConnectionTest {

    private final FakeServer server = new FakeServer();
    private final Relay relay = new Relay(server.address());
    private final MillraceClient client =
            MillraceClient.connect(
                    ClientSettings.of(relay.address()).withRequestTimeout(Duration.ofSeconds(5)));

    @BeforeEach
    void createTopic() {
        client.topics().create("t", 1, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        relay.close();
        server.close();
    }

    @Test
    void aProducerContinuesOverANewConnection() {
        ProducerSettings settings =
                ProducerSettings.builder()
                        .linger(Duration.ZERO)
                        .deliveryTimeout(Duration.ofSeconds(4))
                        .build();
        OutgoingRecord record = OutgoingRecord.of("t", null, new byte[10]);
        try (Producer producer = client.producer(settings)) {
            producer.send(record).join();
            relay.killConnections();
            assertThat(producer.send(record))
                    .failsWithin(Duration.ofSeconds(40))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(MillraceException.OutcomeUnknown.class);
            assertThat(producer.send(record)).succeedsWithin(Duration.ofSeconds(40));
        }
    }

    @Test
    void theNextRequestUsesANewConnection() {
        relay.killConnections();
        assertThatThrownBy(() -> client.topics().list())
                .isInstanceOf(MillraceException.Unreachable.class);
        assertThat(client.topics().list()).hasSize(1);
    }
}
