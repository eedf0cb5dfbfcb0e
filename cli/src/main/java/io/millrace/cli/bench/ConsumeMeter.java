package io.millrace.cli.bench;

import io.millrace.cli.terminal.CommandFailedException;
import io.millrace.client.MillraceClient;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.subscription.Assignment;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionListener;
import io.millrace.client.subscription.SubscriptionSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A consumer of all records written to a topic after its start. One thread. */
sealed interface ConsumeMeter extends AutoCloseable {

    void poll() throws InterruptedException;

    @Override
    void close();

    static ConsumeMeter byReader(MillraceClient client, String topic, EndToEndLatency journeys) {
        Map<TopicPartition, StartPosition> starts = new HashMap<>();
        client.topics()
                .describe(topic)
                .partitions()
                .forEach(each ->
                        starts.put(
                                new TopicPartition(topic, each.number()),
                                StartPosition.offset(each.highWatermark())));
        return new ByReader(client.reader(ReaderSettings.defaults(), starts), journeys);
    }

    /**
     * Returns the only member of a group.
     *
     * @throws CommandFailedException after 30 s without all partitions
     */
    static ConsumeMeter byGroup(
            MillraceClient client,
            String group,
            String topic,
            int partitions,
            EndToEndLatency journeys)
            throws InterruptedException {
        CountDownLatch left = new CountDownLatch(partitions);
        SubscriptionSettings settings =
                SubscriptionSettings.of(group, List.of(topic)).start(StartPosition.end()).build();
        Subscription subscription =
                client.subscribe(
                        settings,
                        (batch, any) -> {
                            for (ReadRecord record : batch) {
                                journeys.delivered(record);
                            }
                        },
                        new SubscriptionListener() {
                            @Override
                            public void assigned(Subscription any, List<Assignment> partitions) {
                                partitions.forEach(partition -> left.countDown());
                            }
                        });
        ByGroup consumption = new ByGroup(subscription);
        if (!left.await(ByGroup.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            consumption.close();
            throw new CommandFailedException(
                    "After %d s, %d of %d partitions of %s are not assigned: check for other members of group %s."
                            .formatted(
                                    ByGroup.PATIENCE.toSeconds(),
                                    left.getCount(),
                                    partitions,
                                    topic,
                                    group));
        }
        return consumption;
    }

    record ByReader(Reader reader, EndToEndLatency journeys) implements ConsumeMeter {

        @Override
        public void poll() {
            reader.pollRecords(Duration.ofMillis(100)).forEach(journeys::delivered);
        }

        @Override
        public void close() {
            reader.close();
        }
    }

    record ByGroup(Subscription subscription) implements ConsumeMeter {

        private static final Duration PATIENCE = Duration.ofSeconds(30);

        @Override
        public void poll() throws InterruptedException {
            try {
                subscription.done().get(100, TimeUnit.MILLISECONDS);
                throw new CommandFailedException("The subscription ended.");
            } catch (TimeoutException goesOn) {
                // Expected: the subscription continues.
            } catch (ExecutionException ended) {
                throw new CompletionException(ended.getCause());
            }
        }

        @Override
        public void close() {
            subscription.close(PATIENCE);
        }
    }
}
