package io.millrace.it;

import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.subscription.Assignment;
import io.millrace.client.subscription.BatchHandler;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionListener;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.protocol.error.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * A group member in its own process that prints its events, one {@link GroupEvent} per line. Leaves
 * properly at the end of its standard input, and ends with its subscription.
 */
final class RecordingMember implements BatchHandler, SubscriptionListener {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private RecordingMember() {}

    /**
     * @param arguments the nodes, the topic, the group, the session timeout in seconds, and the
     *     instance id, which may be empty
     */
    public static void main(String[] arguments) {
        RecordingMember member = new RecordingMember();
        try (MillraceClient client = MillraceClient.connect(arguments[0])) {
            Subscription subscription =
                    client.subscribe(
                            SubscriptionSettings.of(arguments[2], List.of(arguments[1]))
                                    .sessionTimeout(
                                            Duration.ofSeconds(Long.parseLong(arguments[3])))
                                    .instanceId(arguments[4])
                                    .commitEvery(Duration.ofMillis(200))
                                    .build(),
                            member,
                            member);
            Thread.ofPlatform().daemon().start(() -> closeWhenReported(subscription));
            awaitEnd(subscription);
        }
    }

    private static void awaitEnd(Subscription subscription) {
        try {
            subscription.done().join();
        } catch (CompletionException ended) {
            if (ended.getCause() instanceof MillraceException known) {
                System.err.println(known.reason().map(Reason::name).orElse("no reason"));
            }
            throw ended;
        }
    }

    private static void closeWhenReported(Subscription subscription) {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var unused = subscription.closeAsync(PATIENCE);
    }

    private static void happened(GroupEvent.Kind kind, TopicPartition where, long offset) {
        System.out.println(new GroupEvent(kind, System.nanoTime(), where.partition(), offset));
    }

    @Override
    public void handle(ReadBatch batch, Subscription subscription) {
        happened(
                GroupEvent.Kind.BATCH_RECEIVED,
                batch.partition(),
                batch.iterator().next().offset());
        happened(GroupEvent.Kind.HANDLED, batch.partition(), batch.nextOffset());
    }

    @Override
    public void assigned(Subscription subscription, List<Assignment> partitions) {
        partitions.forEach(partition ->
                happened(GroupEvent.Kind.ASSIGNED, partition.partition(), partition.offset()));
    }

    @Override
    public void revoked(Subscription subscription, List<TopicPartition> partitions) {
        partitions.forEach(partition -> happened(GroupEvent.Kind.RELEASED, partition, 0));
    }

    @Override
    public void lost(Subscription subscription, List<TopicPartition> partitions) {
        partitions.forEach(partition -> happened(GroupEvent.Kind.LOST, partition, 0));
    }
}
