package io.millrace.kafka.fetch;

import java.util.HashMap;
import java.util.Map;

/**
 * A limit of the bytes in answers that clients have not read, shared by the clients: a client with
 * more unread bytes than are free waits. Answers that are being read from the bucket may exceed the
 * limit. Owned by the fetch node's event loop.
 */
final class UnreadAnswers {

    private final long limitBytes;
    private final Map<Object, Long> byClient = new HashMap<>();
    private final KafkaFetchMetrics metrics;
    private long usedBytes;

    UnreadAnswers(long limitBytes, KafkaFetchMetrics metrics) {
        this.limitBytes = limitBytes;
        this.metrics = metrics;
    }

    /** Returns whether the client may receive a further answer. */
    boolean hasRoom(Object client) {
        return byClient.getOrDefault(client, 0L) < limitBytes - usedBytes;
    }

    void add(Object client, long bytes) {
        usedBytes += bytes;
        metrics.unread(usedBytes);
        byClient.merge(client, bytes, Long::sum);
    }

    void remove(Object client, long bytes) {
        usedBytes -= bytes;
        metrics.unread(usedBytes);
        byClient.computeIfPresent(
                client, (key, held) -> held <= bytes ? null : Long.valueOf(held - bytes));
    }

    long usedBytes() {
        return usedBytes;
    }
}
