package io.millrace.it;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.runtime.SystemAccess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Stores records through one node only and measures the time. Single-threaded. */
@SystemAccess("reads the clock")
final class Probe implements AutoCloseable {

    /** The topic of the records, with a single partition. */
    static final String TOPIC = "probe";

    private static final int LONGEST_SECONDS = 60;

    private final MillraceClient client;
    private final Producer producer;

    Probe(String address) {
        client = MillraceClient.connect(ClientSettings.of(address).withoutDiscovery());
        if (client.topics().list().stream().noneMatch(topic -> topic.name().equals(TOPIC))) {
            client.topics().create(TOPIC, 1, Map.of());
        }
        producer = client.producer();
    }

    /** Stores a record, with retries after any retriable error, and returns the time needed. */
    Duration store() {
        long began = System.nanoTime();
        CompletableFuture<?> stored =
                producer.send(OutgoingRecord.of(TOPIC, null, "x".getBytes(StandardCharsets.UTF_8)));
        stored.orTimeout(LONGEST_SECONDS, TimeUnit.SECONDS).join();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
        client.close();
    }
}
