package io.millrace.it.load;

import io.millrace.it.differential.WireConnection;
import io.millrace.runtime.SystemAccess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Idle connections beside busy ones, of which half produce and half consume. */
@SystemAccess("measures a server")
final class ConnectionLoad {

    private static final String TOPIC = "busy";
    private static final int PARTITIONS = 100;
    private static final int RECORD_BYTES = 1024;

    private final String address;
    private final ServerProcess server;
    private final int idle;
    private final int busy;
    private final LongAdder written = new LongAdder();
    private final LongAdder read = new LongAdder();
    private final LongAdder failures = new LongAdder();

    ConnectionLoad(String address, ServerProcess server, int idle, int busy) {
        this.address = address;
        this.server = server;
        this.idle = idle;
        this.busy = busy;
    }

    /** Prints throughput and the server's memory after a number of seconds. */
    void run(int seconds) throws Exception {
        List<WireConnection> open = new ArrayList<>();
        for (int i = 0; i < idle; i++) {
            open.add(idleConnection());
        }
        System.out.printf(
                "%d idle connections: peak memory %d MiB%n", idle, server.peakMemoryMib());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
        }
        for (int i = 0; i < busy; i++) {
            int number = i;
            Thread.ofPlatform()
                    .daemon()
                    .start(number % 2 == 0 ? this::produce : () -> consume(number / 2));
        }
        for (int passed = 0; passed < seconds; passed += 10) {
            long writtenBefore = written.sum();
            long readBefore = read.sum();
            long since = System.nanoTime();
            Thread.sleep(Duration.ofSeconds(10));
            double mib = (System.nanoTime() - since) / 1e9 * 1024 * 1024;
            System.out.printf(
                    "%d busy connections: %.0f MiB/s in, %.0f MiB/s out, %d failures, peak memory %d MiB%n",
                    busy,
                    (written.sum() - writtenBefore) / mib,
                    (read.sum() - readBefore) / mib,
                    failures.sum(),
                    server.peakMemoryMib());
        }
        int lost = 0;
        for (WireConnection connection : open) {
            lost += answers(connection) ? 0 : 1;
        }
        System.out.printf("idle connections that were closed: %d%n", lost);
    }

    private WireConnection idleConnection() throws IOException {
        WireConnection connection = new WireConnection(address);
        if (!answers(connection)) {
            throw new IOException("the server refused a connection");
        }
        return connection;
    }

    private static boolean answers(WireConnection connection) throws IOException {
        return connection
                .call(
                        ApiKeys.API_VERSIONS,
                        (short) 3,
                        new ApiVersionsRequestData()
                                .setClientSoftwareName("load")
                                .setClientSoftwareVersion("1"))
                .isPresent();
    }

    private void produce() {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        address,
                        "linger.ms",
                        5,
                        "batch.size",
                        65_536,
                        "buffer.memory",
                        4L << 20);
        byte[] record = new byte[RECORD_BYTES];
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            while (true) {
                producer.send(
                        new ProducerRecord<>(TOPIC, record),
                        (stored, failure) -> {
                            if (failure == null) {
                                written.add(RECORD_BYTES);
                            } else {
                                failures.increment();
                            }
                        });
            }
        }
    }

    private void consume(int number) {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        address,
                        "auto.offset.reset",
                        "earliest",
                        "fetch.max.bytes",
                        8 << 20);
        try (var consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(TOPIC, number % PARTITIONS)));
            while (true) {
                consumer.poll(Duration.ofSeconds(1))
                        .forEach(record -> read.add(record.serializedValueSize()));
            }
        }
    }
}
