package io.millrace.fetch;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.subscribe.ReadAccess;
import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.SubscribeMetrics;
import io.millrace.fetch.subscribe.Subscriber;
import io.millrace.fetch.subscribe.SubscriberRequest;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.fetch.subscribe.SubscriberStream;
import io.millrace.fetch.subscribe.SubscriptionRequest;
import io.millrace.fetch.subscribe.TopicPartition;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.protocol.error.Problem;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client of a subscription that records received messages. */
final class SubscribedClient implements SubscriberStream {

    static final long PLENTY = 1L << 40;

    final List<SubscriberResponse> reported = new ArrayList<>();
    final FetchWorld world;
    final Subscriber subscriber;
    int roomBytes = 8 << 20;
    boolean ended;
    Optional<Problem> problem = Optional.empty();

    SubscribedClient(FetchWorld world, GroupSessions sessions, SubscriptionRequest opening) {
        this(world, sessions, opening, ReadAccess.ALL);
    }

    SubscribedClient(
            FetchWorld world,
            GroupSessions sessions,
            SubscriptionRequest opening,
            ReadAccess access) {
        this.world = world;
        subscriber =
                new Subscriber(
                        opening,
                        world.node,
                        world.metadata,
                        access,
                        this,
                        new SubscribeMetrics(new SimpleMeterRegistry()));
        world.loop.call(() -> subscriber.open(sessions));
    }

    /** Returns the request of a new group member that starts at the log start of each partition. */
    static SubscriptionRequest opening(String... topics) {
        return opening("", StartPosition.EARLIEST, StartPosition.EARLIEST, topics);
    }

    static SubscriptionRequest opening(
            String memberId, StartPosition start, StartPosition outOfRange, String... topics) {
        return opening(
                "workers", memberId, TopicSubscription.to(List.of(topics)), start, outOfRange);
    }

    static SubscriptionRequest withoutGroup(
            String memberId, TopicSubscription subscription, StartPosition start) {
        return opening("", memberId, subscription, start, StartPosition.EARLIEST);
    }

    private static SubscriptionRequest opening(
            String group,
            String memberId,
            TopicSubscription subscription,
            StartPosition start,
            StartPosition outOfRange) {
        return new SubscriptionRequest(
                new JoinRequest(
                        group,
                        memberId,
                        "",
                        new MemberDetails(
                                subscription,
                                AssignmentStrategy.STICKY,
                                Duration.ofSeconds(9),
                                Duration.ofSeconds(60),
                                "",
                                "",
                                ""),
                        Optional.empty()),
                start,
                outOfRange);
    }

    void says(SubscriberRequest message) {
        world.loop.call(() -> subscriber.accept(message));
    }

    void grants(long bytes, long records) {
        says(new SubscriberRequest.Credit(bytes, records));
    }

    /** Returns the received messages of a kind, in order. */
    <T extends SubscriberResponse> List<T> reported(Class<T> kind) {
        return reported.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** Returns the last received message of a kind. */
    <T extends SubscriberResponse> T last(Class<T> kind) {
        return reported(kind).getLast();
    }

    /** Returns the received batches of a partition, concatenated. */
    byte[] got(String topic, int partition) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (SubscriberResponse.Batches batches : reported(SubscriberResponse.Batches.class)) {
            if (batches.partition().equals(new TopicPartition(topic, partition))) {
                bytes.writeBytes(batches.batches().toByteArray());
            }
        }
        return bytes.toByteArray();
    }

    long gotBytes() {
        return reported(SubscriberResponse.Batches.class).stream()
                .mapToLong(batches -> batches.batches().sizeBytes())
                .sum();
    }

    @Override
    public Object peer() {
        return "client";
    }

    @Override
    public int roomBytes() {
        return roomBytes;
    }

    @Override
    public void send(SubscriberResponse message) {
        if (ended) {
            throw new AssertionError("told after the end: " + message);
        }
        reported.add(message);
    }

    @Override
    public void end(Optional<Problem> why) {
        if (ended) {
            throw new AssertionError("ended twice");
        }
        ended = true;
        problem = why;
    }
}
