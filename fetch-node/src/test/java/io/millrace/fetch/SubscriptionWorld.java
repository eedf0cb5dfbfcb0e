package io.millrace.fetch;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.fetch.subscribe.SubscriptionRequest;
import io.millrace.fetch.subscribe.TopicPartition;
import io.millrace.metadata.topic.Topic;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** A topic of four partitions, a scripted group and its member. Single threaded. */
final class SubscriptionWorld {

    /** The id of the first topic. */
    private static final long TOPIC_ID = 1;

    final FetchWorld world = new FetchWorld();
    final Topic topic = world.topic("orders", 4);
    final ScriptedGroup group = new ScriptedGroup();

    SubscribedClient client(SubscriptionRequest opening) {
        SubscribedClient client = new SubscribedClient(world, group, opening);
        onLoop(() -> group.member().joined("m1"));
        return client;
    }

    SubscribedClient client() {
        return client(SubscribedClient.opening("orders"));
    }

    void onLoop(Runnable task) {
        world.loop.call(task);
        pass(Duration.ofMillis(100));
    }

    void pass(Duration time) {
        world.loop.advance(time);
    }

    void write(int partition, int batches, int records, int bytes) {
        world.writeRecent(
                IntStream.range(0, batches)
                        .mapToObj(i ->
                                new Written(topic, partition, world.batch(records, bytes, 1000)))
                        .toList());
    }

    byte[] served(int partition) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        world.served(topic, partition).forEach(all::writeBytes);
        return all.toByteArray();
    }

    static TopicPartition name(int partition) {
        return new TopicPartition("orders", partition);
    }

    static SubscriberResponse.AssignedStart start(int partition, long position, String text) {
        return new SubscriberResponse.AssignedStart(name(partition), TOPIC_ID, position, text);
    }

    static SubscriberRequest.Commit commit(long id, int partition, long offset) {
        return new SubscriberRequest.Commit(
                id,
                List.of(new SubscriberRequest.CommittedPosition(name(partition), offset, "text")),
                id);
    }
}
