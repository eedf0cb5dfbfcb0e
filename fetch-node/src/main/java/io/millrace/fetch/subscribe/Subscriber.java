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
 * One subscription, from opening to end. Keeps its client in the group and sends the client batches
 * of the assigned partitions within its credit. Owned by the metadata's event loop.
 */
public final class Subscriber {

    private final SubscriptionRequest opening;
    private final SubscriberStream outlet;
    private final EventLoop loop;
    private final SubscribeMetrics metrics;
    private final SubscribedPartitions holdings = new SubscribedPartitions();
    private final Set<PartitionId> nameless = new HashSet<>();
    private final StartPositionLookup places;
    private final AssignmentResolver arrivals;
    private final BatchSender delivery;
    private final SeekHandler seeks;
    private final PendingCommits commits;
    private final Deque<Runnable> after = new ArrayDeque<>();
    private final long aliveEveryNanos;
    private @Nullable GroupSession session;
    private long messages = 1;
    private long aliveNanos;
    private boolean firstAssignmentDue;
    private boolean arriving;
    private boolean leaving;
    private boolean over;

    /**
     * Creates a subscription that is not open yet.
     *
     * @param outlet the stream to the client
     */
    public Subscriber(
            SubscriptionRequest opening,
            FetchNode fetch,
            Metadata metadata,
            SubscriberStream outlet,
            SubscribeMetrics metrics) {
        this.opening = opening;
        this.outlet = outlet;
        this.loop = metadata.loop();
        this.metrics = metrics;
        this.places = new StartPositionLookup(fetch, loop);
        this.delivery = new BatchSender(fetch, metadata, holdings, outlet, metrics);
        this.seeks =
                new SeekHandler(
                        metadata,
                        holdings,
                        places,
                        opening.outOfRange(),
                        this::send,
                        delivery::wants,
                        metrics);
        this.arrivals =
                new AssignmentResolver(
                        metadata, places, opening, seeks::answer, this::commitStarts);
        this.commits = new PendingCommits(holdings, this::send);
        this.aliveEveryNanos = opening.heartbeatInterval().toNanos() / 4;
    }

    /** Opens the subscription. An invalid request ends the stream with a problem. */
    public void open(GroupSessions sessions) {
        metrics.began();
        delivery.begin(seeks::trouble);
        session = sessions.join(opening.join(), new FromGroup());
        received(true);
    }

    public void accept(SubscriberRequest message) {
        GroupSession talk = session;
        if (over || talk == null) {
            return;
        }
        messages++;
        received(message instanceof SubscriberRequest.Heartbeat);
        if (leaving) {
            return;
        }
        switch (message) {
            case SubscriberRequest.Credit(long bytes, long records) ->
                    delivery.grant(bytes, records);
            case SubscriberRequest.Heartbeat() -> {}
            case SubscriberRequest.Accept(var memberId) -> talk.accept(memberId);
            case SubscriberRequest.Commit commit -> commits.commit(commit, talk);
            case SubscriberRequest.Released(var names) -> released(names, talk);
            case SubscriberRequest.Pause(var names) ->
                    holdings.named(names).forEach(holding -> holding.paused = true);
            case SubscriberRequest.Resume(var names) -> resume(names);
            case SubscriberRequest.Seek(var name, long offset) -> seeks.seek(name, offset);
            case SubscriberRequest.SeekPlace(var name, var to) -> seeks.seek(name, to);
            case SubscriberRequest.Leave() -> leave(talk);
        }
    }

    /** Called when the stream has room again. */
    public void hasRoom() {
        delivery.hasRoom();
    }

    /** Called when the client has disconnected. Nothing more is sent. */
    public void disconnected() {
        if (!over) {
            stop();
            if (session != null) {
                session.detach();
            }
        }
    }

    /** Ends the subscription for a reason outside the group. */
    public void end(Problem problem) {
        if (!over) {
            disconnected();
            outlet.end(Optional.of(problem));
        }
    }

    private void stop() {
        over = true;
        metrics.ended();
        delivery.end();
        places.end();
    }

    private void send(SubscriberResponse message) {
        if (!over) {
            outlet.send(message);
        }
    }

    /**
     * Records activity of the client. Reports it to the group for heartbeats, and otherwise at most
     * four times per heartbeat interval.
     */
    private void received(boolean report) {
        long now = loop.nanoTime();
        if (session != null && (report || now - aliveNanos >= aliveEveryNanos)) {
            aliveNanos = now;
            session.alive(messages);
        }
    }

    private CompletableFuture<CommitResult> commitStarts(List<OffsetCommit> offsets) {
        return Objects.requireNonNull(session)
                .commit(Command.OffsetsCommitted.OF_THE_START, offsets);
    }

    private void released(List<NamedPartition> names, GroupSession talk) {
        List<PartitionId> keys = new ArrayList<>(names.size());
        for (SubscribedPartition holding : holdings.named(names)) {
            if (holding.revoked) {
                holdings.remove(holding.key);
                keys.add(holding.key);
            }
        }
        if (!keys.isEmpty()) {
            talk.released(keys);
        }
    }

    private void resume(List<NamedPartition> names) {
        holdings.named(names).forEach(holding -> holding.paused = false);
        delivery.wants();
    }

    private void leave(GroupSession talk) {
        leaving = true;
        delivery.end();
        commits.whenAnswered(() -> {
            var unused =
                    talk.leave()
                            .thenRun(() -> {
                                if (!over) {
                                    stop();
                                    outlet.end(Optional.empty());
                                }
                            });
        });
    }

    /**
     * Handles events of the group in their order. Events during an assignment are queued until the
     * client has received the assignment.
     */
    private final class FromGroup implements SessionListener {

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
                // A returning member receives its current assignment even if empty.
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
                arriving = true;
                arrivals.place(partitions, arrival -> arrived(arrival, evenNothing));
            });
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            inOrder(() -> revoked(partitions));
        }

        @Override
        public void lost(List<PartitionId> partitions) {
            inOrder(() -> {
                List<NamedPartition> names = new ArrayList<>(partitions.size());
                for (PartitionId key : partitions) {
                    nameless.remove(key);
                    holdings.remove(key).ifPresent(holding -> names.add(holding.name));
                }
                if (!names.isEmpty()) {
                    send(new SubscriberResponse.Lost(names));
                }
            });
        }

        @Override
        public void alive(long mark) {
            if (opening.isOfGroup()) {
                send(new SubscriberResponse.Alive(mark));
            }
        }

        @Override
        public void ended(Problem problem) {
            if (!over) {
                stop();
                outlet.end(Optional.of(problem));
            }
        }
    }

    private void inOrder(Runnable change) {
        after.add(change);
        while (!arriving && !over && !after.isEmpty()) {
            after.removeFirst().run();
        }
    }

    private void arrived(AssignmentResolver.Arrival arrival, boolean evenNothing) {
        arriving = false;
        if (over) {
            return;
        }
        nameless.addAll(arrival.nameless);
        arrival.holdings.forEach(holdings::add);
        if (evenNothing || !arrival.holdings.isEmpty()) {
            send(
                    new SubscriberResponse.Assigned(
                            arrival.holdings.stream()
                                    .map(one ->
                                            new SubscriberResponse.Start(
                                                    one.name, one.position, one.text))
                                    .toList()));
        }
        arrival.failures.forEach(seeks::failed);
        delivery.wants();
        inOrder(() -> {});
    }

    private void revoked(List<PartitionId> partitions) {
        List<NamedPartition> names = new ArrayList<>(partitions.size());
        List<PartitionId> unknown = new ArrayList<>();
        for (PartitionId key : partitions) {
            holdings.with(key)
                    .ifPresent(holding -> {
                        holding.revoked = true;
                        names.add(holding.name);
                    });
            if (nameless.remove(key)) {
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
