package io.millrace.it;

import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A member of a Kafka group, on Kafka's Java client, that commits what it has processed. */
@SystemAccess("makes a thread")
final class KafkaGroupReader implements AutoCloseable {

    private final KafkaConsumer<String, String> consumer;
    private final GroupProgress progress;
    private final GroupProgress.Member member;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Thread thread;
    private volatile boolean stopped;

    KafkaGroupReader(Map<String, Object> settings, String topic, GroupProgress progress) {
        this.progress = progress;
        this.member = progress.new Member();
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
            progress.violation("a member ended: " + failure);
        }
    }

    private void process(ConsumerRecord<String, String> record) {
        next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
        member.read(record.partition(), record.offset(), record.value());
    }

    private void drop(Collection<TopicPartition> partitions) {
        partitions.forEach(partition -> {
            next.remove(partition);
            member.drop(partition.partition());
        });
    }

    private void commit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        next.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        try {
            consumer.commitSync(offsets, Duration.ofSeconds(5));
        } catch (RetriableException | RebalanceInProgressException later) {
            // The next commit has these offsets too.
        } catch (org.apache.kafka.clients.consumer.CommitFailedException lost) {
            drop(List.copyOf(next.keySet()));
        }
    }

    private final class Assignments implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit();
            drop(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            drop(partitions);
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
