package io.millrace.it;

import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A member of a Kafka group that commits what it has processed. Its first record of an assigned
 * partition must be the group's committed one, the others must follow without gaps, and its group
 * must not have committed beyond what was processed.
 */
@SystemAccess("makes a thread")
final class KafkaGroupReader implements AutoCloseable {

    /** The progress of a group, shared by its members. */
    record Progress(AtomicIntegerArray processed, Queue<String> violations) {}

    private final KafkaConsumer<String, String> consumer;
    private final Progress progress;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Thread thread;
    private volatile boolean stopped;

    KafkaGroupReader(Map<String, Object> settings, String topic, Progress progress) {
        this.progress = progress;
        this.consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        this.thread = Thread.ofPlatform().name("reader of " + topic).start(() -> run(topic));
    }

    private void run(String topic) {
        try (consumer) {
            consumer.subscribe(List.of(topic), new Assignments());
            while (!stopped) {
                for (ConsumerRecord<String, String> record :
                        consumer.poll(Duration.ofMillis(200))) {
                    process(record);
                }
                commit();
            }
        } catch (WakeupException end) {
            // The test has read enough.
        } catch (RuntimeException failure) {
            progress.violations().add("a member ended: " + failure);
        }
    }

    private void process(ConsumerRecord<String, String> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        Long expected = next.put(partition, record.offset() + 1);
        if (expected != null && expected != record.offset()) {
            progress.violations()
                    .add(
                            "%s: received offset %d instead of %d"
                                    .formatted(partition, record.offset(), expected));
        }
        int before =
                progress.processed()
                        .getAndAccumulate(record.partition(), (int) record.offset() + 1, Math::max);
        if (record.offset() > before) {
            progress.violations()
                    .add(
                            "%s: processed offset %d, but none from %d on"
                                    .formatted(partition, record.offset(), before));
        }
    }

    private void commit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        next.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        try {
            consumer.commitSync(offsets, Duration.ofSeconds(5));
        } catch (RetriableException | RebalanceInProgressException later) {
            // The next commit has these offsets too.
        } catch (org.apache.kafka.clients.consumer.CommitFailedException lost) {
            next.clear();
        }
    }

    private final class Assignments implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit();
            partitions.forEach(next::remove);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            partitions.forEach(next::remove);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        consumer.wakeup();
        thread.join();
    }
}
