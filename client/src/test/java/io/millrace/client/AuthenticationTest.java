package io.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.FakeServer.Fault;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests of clients whose calls are authenticated by tokens. */
@Timeout(60)
class AuthenticationTest {

    private static final Problem EXPIRED =
            new Problem(Reason.CREDENTIALS_EXPIRED, "token expired.");
    private static final Problem UNKNOWN = new Problem(Reason.UNAUTHENTICATED, "Unknown token.");
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final FakeServer server = new FakeServer();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private volatile String valid = "t1";
    private volatile String sent = "t1";
    private volatile Problem rejection = EXPIRED;
    private final MillraceClient client =
            MillraceClient.connect(ClientSettings.of(server.address()).withTokens(() -> sent));

    @BeforeEach
    void createTopic() {
        server.authenticate(token -> {
            seen.add(token);
            return token.equals(valid) ? Optional.empty() : Optional.of(rejection);
        });
        client.topics().create("t", 1, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static List<CompletableFuture<ProduceResult>> send(
            Producer producer, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(
                        i -> producer.send(OutgoingRecord.of("t", null, ("" + i).getBytes(UTF_8))))
                .toList();
    }

    private List<String> stored() {
        return StreamSupport.stream(server.log().all("t", 0).records().spliterator(), false)
                .map(record -> UTF_8.decode(record.value()).toString())
                .toList();
    }

    @Test
    void aProducerContinuesWithTheNewTokenWhenTheOldOneExpires() {
        try (Producer producer = client.producer()) {
            assertThat(Producer.await(send(producer, 0, 10), BOUND)).hasSize(10);
            server.next(new Fault.StoreAndFail(EXPIRED));
            valid = "t2";
            List<CompletableFuture<ProduceResult>> later = send(producer, 10, 20);
            sent = "t2";
            assertThat(Producer.await(later, BOUND)).hasSize(10);
        }
        assertThat(stored()).isEqualTo(IntStream.range(0, 20).mapToObj(i -> "" + i).toList());
        assertThat(seen).containsExactlyInAnyOrder("t1", "t2");
    }

    @Test
    void aRejectedTokenIsAFinalErrorOfTheRecord() {
        try (Producer producer = client.producer()) {
            assertThat(Producer.await(send(producer, 0, 1), BOUND)).hasSize(1);
            rejection = UNKNOWN;
            valid = "other";
            server.next(new Fault.Break());
            // The broken stream leaves its batch in doubt; those after it are certainly not stored.
            List<CompletableFuture<ProduceResult>> doubtful = send(producer, 1, 2);
            producer.flush();
            assertThat(doubtful.getFirst()).isCompletedExceptionally();
            CompletableFuture<ProduceResult> refused = send(producer, 2, 3).getFirst();
            producer.flush();
            assertThat(refused)
                    .failsWithin(BOUND)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(MillraceException.Rejected.class)
                    .withMessageContaining("Unknown token");
            valid = "t1";
            assertThat(Producer.await(send(producer, 3, 4), BOUND)).hasSize(1);
        }
    }

    @Test
    void aRejectedTokenFailsOtherCallsWithTheReason() {
        rejection = UNKNOWN;
        valid = "other";
        assertThatThrownBy(() -> client.topics().create("u", 1, Map.of()))
                .isInstanceOfSatisfying(
                        MillraceException.Rejected.class,
                        rejected -> assertThat(rejected.reason()).contains(Reason.UNAUTHENTICATED));
        assertThatThrownBy(
                        () -> {
                            try (Producer producer = client.producer()) {
                                producer.send(OutgoingRecord.of("t", null, new byte[1]));
                                Producer.await(send(producer, 0, 1), BOUND);
                            }
                        })
                .hasMessageContaining("Unknown token");
    }

    @Test
    void aReaderContinuesWithTheNewToken() {
        try (Producer producer = client.producer()) {
            Producer.await(send(producer, 0, 1), BOUND);
        }
        try (Reader reader =
                client.reader(
                        ReaderSettings.defaults(),
                        Map.of(new TopicPartition("t", 0), StartPosition.beginning()))) {
            valid = "t2";
            sent = "t2";
            assertThat(reader.poll(BOUND)).isNotEmpty();
        }
    }

    @Test
    void aSourceWithoutTokenFailsTheCallWithItsMessage() {
        ClientSettings settings =
                ClientSettings.of(server.address())
                        .withTokens(() -> {
                            throw new IllegalStateException("no login yet");
                        });
        try (MillraceClient without = MillraceClient.connect(settings)) {
            assertThatThrownBy(() -> without.topics().create("u", 1, Map.of()))
                    .hasMessageContaining("no login yet");
        }
    }
}
