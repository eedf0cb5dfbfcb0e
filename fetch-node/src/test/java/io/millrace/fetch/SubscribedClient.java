package io.millrace.fetch;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.group.Assignor;
import io.millrace.fetch.group.GroupSessions;
import io.millrace.fetch.group.JoinRequest;
import io.millrace.fetch.group.MemberDetails;
import io.millrace.fetch.group.Subscription;
import io.millrace.fetch.subscribe.FromClient;
import io.millrace.fetch.subscribe.Opening;
import io.millrace.fetch.subscribe.Outlet;
import io.millrace.fetch.subscribe.PartitionName;
import io.millrace.fetch.subscribe.StartPosition;
import io.millrace.fetch.subscribe.SubscribeMetrics;
import io.millrace.fetch.subscribe.Subscriber;
import io.millrace.fetch.subscribe.ToClient;
import io.millrace.protocol.error.Problem;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client of a subscription, and what it was told. */
final class SubscribedClient implements Outlet {

    static final long PLENTY = 1L << 40;

    final List<ToClient> told = new ArrayList<>();
    final FetchWorld world;
    final Subscriber subscriber;
    int roomBytes = 8 << 20;
    boolean ended;
    Optional<Problem> problem = Optional.empty();

    SubscribedClient(FetchWorld world, GroupSessions sessions, Opening opening) {
        this.world = world;
        subscriber =
                new Subscriber(
                        opening,
                        world.node,
                        world.metadata,
                        this,
                        new SubscribeMetrics(new SimpleMeterRegistry()));
        world.loop.call(() -> subscriber.open(sessions));
    }

    /** Of a new member of a group, that begins at the start of each partition. */
    static Opening opening(String... topics) {
        return opening("", StartPosition.EARLIEST, StartPosition.EARLIEST, topics);
    }

    static Opening opening(
            String memberId, StartPosition start, StartPosition outOfRange, String... topics) {
        return opening("workers", memberId, Subscription.to(List.of(topics)), start, outOfRange);
    }

    static Opening withoutGroup(Subscription subscription, StartPosition start) {
        return opening("", "", subscription, start, StartPosition.EARLIEST);
    }

    private static Opening opening(
            String group,
            String memberId,
            Subscription subscription,
            StartPosition start,
            StartPosition outOfRange) {
        return new Opening(
                new JoinRequest(
                        group,
                        memberId,
                        "",
                        new MemberDetails(
                                subscription,
                                Assignor.STICKY,
                                Duration.ofSeconds(9),
                                Duration.ofSeconds(60),
                                "",
                                "",
                                ""),
                        Optional.empty()),
                start,
                outOfRange);
    }

    void says(FromClient message) {
        world.loop.call(() -> subscriber.accept(message));
    }

    void grants(long bytes, long records) {
        says(new FromClient.Credit(bytes, records));
    }

    /** What it was told of a kind, in order. */
    <T extends ToClient> List<T> told(Class<T> kind) {
        return told.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** The last that it was told of a kind. */
    <T extends ToClient> T last(Class<T> kind) {
        return told(kind).getLast();
    }

    /** The batches of a partition that it got, one behind the other. */
    byte[] got(String topic, int partition) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (ToClient.Batches batches : told(ToClient.Batches.class)) {
            if (batches.partition().equals(new PartitionName(topic, partition))) {
                bytes.writeBytes(batches.batches().toByteArray());
            }
        }
        return bytes.toByteArray();
    }

    long gotBytes() {
        return told(ToClient.Batches.class).stream()
                .mapToLong(batches -> batches.batches().sizeBytes())
                .sum();
    }

    @Override
    public int roomBytes() {
        return roomBytes;
    }

    @Override
    public void send(ToClient message) {
        if (ended) {
            throw new AssertionError("told after the end: " + message);
        }
        told.add(message);
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
