package io.millrace.fetch.subscribe;

import io.millrace.fetch.FetchNode;
import io.millrace.group.AssignedPartition;
import io.millrace.group.CommitResult;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.SessionListener;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A subscription that keeps its client in the group and sends batches within the client's credit.
 * Owned by the metadata's event loop.
 */
public final class Subscriber {

    private final SubscriptionRequest opening;
    private final SubscriberStream stream;
    private final EventLoop loop;
    private final SubscribeMetrics metrics;
    private final SubscribedPartitions subscribedPartitions = new SubscribedPartitions();
    private final Set<PartitionId> deletedTopicPartitions = new HashSet<>();
    private final StartPositionLookup lookup;
    private final AssignmentResolver assignments;
    private final BatchSender sender;
    private final SeekHandler seeks;
    private final PendingCommits commits;
    private final Deque<Runnable> queuedChanges = new ArrayDeque<>();
    private final long reportIntervalNanos;
    private @Nullable GroupSession session;
    private long messages = 1;
    private long lastReportNanos;
    private boolean firstAssignmentDue;
    private boolean resolvingAssignment;
    private boolean leaving;
    private boolean ended;

    public Subscriber(
            SubscriptionRequest opening,
            FetchNode fetch,
            Metadata metadata,
            ReadAccess access,
            SubscriberStream stream,
            SubscribeMetrics metrics) {
        this.opening = opening;
        this.stream = stream;
        this.loop = metadata.loop();
        this.metrics = metrics;
        this.lookup = new StartPositionLookup(fetch, loop);
        this.sender =
                new BatchSender(fetch, metadata, subscribedPartitions, access, stream, metrics);
        this.seeks =
                new SeekHandler(
                        metadata,
                        subscribedPartitions,
                        lookup,
                        opening.outOfRange(),
                        this::send,
                        sender::partitionsChanged,
                        metrics);
        this.assignments =
                new AssignmentResolver(
                        metadata, lookup, opening, seeks::answer, this::commitStarts);
        this.commits = new PendingCommits(subscribedPartitions, access, this::send);
        this.reportIntervalNanos = opening.heartbeatInterval().toNanos() / 4;
    }

    /** Opens the subscription. An invalid request ends the stream with a problem. */
    public void open(GroupSessions sessions) {
        metrics.began();
        sender.setFailureListener(seeks::readFailed);
        session = sessions.join(opening.join(), new GroupEvents());
        received(true);
    }

    public void accept(SubscriberRequest message) {
        GroupSession groupSession = session;
        if (ended || groupSession == null) {
            return;
        }
        messages++;
        received(message instanceof SubscriberRequest.Heartbeat);
        if (leaving) {
            return;
        }
        switch (message) {
            case SubscriberRequest.Credit(long bytes, long records) -> sender.grant(bytes, records);
            case SubscriberRequest.Heartbeat() -> {}
            case SubscriberRequest.Accept(var memberId) -> groupSession.accept(memberId);
            case SubscriberRequest.Commit commit -> commits.commit(commit, groupSession);
            case SubscriberRequest.Released(var names) -> released(names, groupSession);
            case SubscriberRequest.Pause(var names) ->
                    subscribedPartitions.named(names).forEach(holding -> holding.paused = true);
            case SubscriberRequest.Resume(var names) -> resume(names);
            case SubscriberRequest.Seek(var name, long offset) -> seeks.seek(name, offset);
            case SubscriberRequest.SeekToPosition(var name, var to) -> seeks.seek(name, to);
            case SubscriberRequest.Leave() -> leave(groupSession);
        }
    }

    public void hasRoom() {
        sender.hasRoom();
    }

    /** Called after a disconnect. Nothing more is sent. */
    public void disconnected() {
        if (!ended) {
            stop();
            if (session != null) {
                session.detach();
            }
        }
    }

    /** Ends the subscription for a reason outside the group. */
    public void end(Problem problem) {
        if (!ended) {
            disconnected();
            stream.end(Optional.of(problem));
        }
    }

    private void stop() {
        ended = true;
        metrics.ended();
        sender.end();
        lookup.stop();
    }

    private void send(SubscriberResponse message) {
        if (!ended) {
            stream.send(message);
        }
    }

    /**
     * Reports heartbeats to the group, and other activity at most four times per heartbeat
     * interval.
     */
    private void received(boolean report) {
        long now = loop.nanoTime();
        if (session != null && (report || now - lastReportNanos >= reportIntervalNanos)) {
            lastReportNanos = now;
            session.heartbeat(messages);
        }
    }

    private CompletableFuture<CommitResult> commitStarts(List<OffsetCommit> offsets) {
        return Objects.requireNonNull(session)
                .commit(Command.OffsetsCommitted.START_POSITION, offsets);
    }

    private void released(List<TopicPartition> names, GroupSession groupSession) {
        List<PartitionId> keys = new ArrayList<>(names.size());
        for (SubscribedPartition holding : subscribedPartitions.named(names)) {
            if (holding.revoked) {
                subscribedPartitions.remove(holding.key);
                keys.add(holding.key);
            }
        }
        if (!keys.isEmpty()) {
            groupSession.released(keys);
        }
    }

    private void resume(List<TopicPartition> names) {
        subscribedPartitions.named(names).forEach(holding -> holding.paused = false);
        sender.partitionsChanged();
    }

    private void leave(GroupSession groupSession) {
        leaving = true;
        sender.end();
        commits.whenAnswered(() -> {
            var unused =
                    groupSession
                            .leave()
                            .thenRun(() -> {
                                if (!ended) {
                                    stop();
                                    stream.end(Optional.empty());
                                }
                            });
        });
    }

    /**
     * Handles group events in order. Events during an assignment are queued until the client has
     * received the assignment.
     */
    private final class GroupEvents implements SessionListener {

        @Override
        public void invited(String memberId) {
            send(new SubscriberResponse.Invited(memberId));
        }

        @Override
        public void joined(String memberId) {
            boolean grouped = opening.isOfGroup();
            send(
                    new SubscriberResponse.Joined(
                            memberId,
                            grouped ? opening.heartbeatInterval() : Duration.ZERO,
                            grouped ? opening.join().details().sessionTimeout() : Duration.ZERO));
            if (!memberId.isEmpty() && memberId.equals(opening.join().memberId())) {
                // A returning member receives even an empty assignment.
                firstAssignmentDue = true;
                loop.execute(() -> {
                    if (firstAssignmentDue) {
                        assigned(0, List.of());
                    }
                });
            }
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            boolean evenNothing = firstAssignmentDue;
            firstAssignmentDue = false;
            inOrder(() -> {
                resolvingAssignment = true;
                assignments.resolve(
                        partitions, arrival -> assignmentResolved(arrival, evenNothing));
            });
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            inOrder(() -> revoked(partitions));
        }

        @Override
        public void lost(List<PartitionId> partitions) {
            inOrder(() -> {
                List<TopicPartition> names = new ArrayList<>(partitions.size());
                for (PartitionId key : partitions) {
                    deletedTopicPartitions.remove(key);
                    subscribedPartitions.remove(key).ifPresent(holding -> names.add(holding.name));
                }
                if (!names.isEmpty()) {
                    send(new SubscriberResponse.Lost(names));
                }
            });
        }

        @Override
        public void heartbeatAcknowledged(long mark) {
            if (opening.isOfGroup()) {
                send(new SubscriberResponse.HeartbeatAck(mark));
            }
        }

        @Override
        public void ended(Problem problem) {
            if (!ended) {
                stop();
                stream.end(Optional.of(problem));
            }
        }
    }

    private void inOrder(Runnable change) {
        queuedChanges.add(change);
        while (!resolvingAssignment && !ended && !queuedChanges.isEmpty()) {
            queuedChanges.removeFirst().run();
        }
    }

    private void assignmentResolved(
            AssignmentResolver.ResolvedAssignment arrival, boolean evenNothing) {
        resolvingAssignment = false;
        if (ended) {
            return;
        }
        deletedTopicPartitions.addAll(arrival.deleted);
        arrival.partitions.forEach(subscribedPartitions::add);
        if (evenNothing || !arrival.partitions.isEmpty()) {
            send(
                    new SubscriberResponse.Assigned(
                            arrival.partitions.stream()
                                    .map(partition ->
                                            new SubscriberResponse.AssignedStart(
                                                    partition.name,
                                                    partition.key.topicId(),
                                                    partition.position,
                                                    partition.text))
                                    .toList()));
        }
        arrival.failures.forEach(seeks::failed);
        sender.partitionsChanged();
        inOrder(() -> {});
    }

    private void revoked(List<PartitionId> partitions) {
        List<TopicPartition> names = new ArrayList<>(partitions.size());
        List<PartitionId> unknown = new ArrayList<>();
        for (PartitionId key : partitions) {
            subscribedPartitions
                    .with(key)
                    .ifPresent(holding -> {
                        holding.revoked = true;
                        names.add(holding.name);
                    });
            if (deletedTopicPartitions.remove(key)) {
                unknown.add(key);
            }
        }
        if (!names.isEmpty()) {
            send(new SubscriberResponse.Revoke(names));
        }
        if (!unknown.isEmpty() && session != null) {
            session.released(unknown);
        }
    }
}
