package io.millrace.it;

import io.millrace.client.MillraceClient;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Writes to all partitions of a topic until closed, and records the stored offsets. */
final class SteadyWriter implements AutoCloseable {

    private final String topic;
    private final int partitions;
    private final Map<PartitionAddress, Long> stored = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean ends;

    SteadyWriter(MillraceClient client, String topic, int partitions) {
        this.topic = topic;
        this.partitions = partitions;
        this.thread = Thread.ofPlatform().start(() -> write(client));
    }

    private void write(MillraceClient client) {
        ProducerSettings settings = ProducerSettings.builder().linger(Duration.ofMillis(1)).build();
        try (Producer producer = client.producer(settings)) {
            for (int i = 0; !ends; i++) {
                byte[] value = ("record " + i).getBytes(StandardCharsets.UTF_8);
                producer.send(OutgoingRecord.of(topic, null, value).withPartition(i % partitions))
                        .thenAccept(place ->
                                stored.put(
                                        new PartitionAddress(
                                                place.partition().partition(), place.offset()),
                                        System.nanoTime()));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            producer.flush();
        }
    }

    /** Stops and returns all stored records. */
    Set<PartitionAddress> end() throws InterruptedException {
        ends = true;
        thread.join();
        return stored.keySet();
    }

    /** Returns the time at which each record was acknowledged, by the clock of this machine. */
    Map<PartitionAddress, Long> storedNanos() {
        return Map.copyOf(stored);
    }

    /** Stops and returns the end of each partition. */
    int[] ends() throws InterruptedException {
        int[] ends = new int[partitions];
        for (PartitionAddress place : end()) {
            ends[place.partition()] =
                    Math.max(ends[place.partition()], Math.toIntExact(place.offset()) + 1);
        }
        return ends;
    }

    @Override
    public void close() {
        ends = true;
    }
}
