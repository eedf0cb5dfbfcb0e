package io.millrace.fetch.subscribe;

import io.millrace.fetch.FetchNode;
import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.AssignedPartition;
import io.millrace.fetch.group.CommitResult;
import io.millrace.fetch.group.GroupSessions;
import io.millrace.fetch.group.Session;
import io.millrace.fetch.group.SessionListener;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.Loop;
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
 * One subscription, from its opening to its end: keeps its client in its group, and sends it the
 * batches of its partitions as far as its credit goes. Owned by the metadata's loop.
 */
public final class Subscriber {

    private final Opening opening;
    private final Outlet outlet;
    private final Loop loop;
    private final SubscribeMetrics metrics;
    private final Holdings holdings = new Holdings();
    private final Set<PartitionKey> nameless = new HashSet<>();
    private final Places places;
    private final Arrivals arrivals;
    private final Delivery delivery;
    private final Seeks seeks;
    private final Commits commits;
    private final Deque<Runnable> behind = new ArrayDeque<>();
    private final long aliveEveryNanos;
    private @Nullable Session session;
    private long messages = 1;
    private long aliveNanos;
    private boolean firstAssignmentDue;
    private boolean arriving;
    private boolean leaving;
    private boolean over;

    /**
     * @param outlet the way to the client
     */
    public Subscriber(
            Opening opening,
            FetchNode fetch,
            Metadata metadata,
            Outlet outlet,
            SubscribeMetrics metrics) {
        this.opening = opening;
        this.outlet = outlet;
        this.loop = metadata.loop();
        this.metrics = metrics;
        this.places = new Places(fetch, loop);
        this.delivery = new Delivery(fetch, metadata, holdings, outlet, metrics);
        this.seeks =
                new Seeks(
                        metadata,
                        holdings,
                        places,
                        opening.outOfRange(),
                        this::send,
                        delivery::wants,
                        metrics);
        this.arrivals = new Arrivals(metadata, places, opening, seeks::answer, this::commitStarts);
        this.commits = new Commits(holdings, this::send);
        this.aliveEveryNanos = opening.heartbeatInterval().toNanos() / 4;
    }

    /** Begins. What is wrong with the opening, the outlet hears as the end. */
    public void open(GroupSessions sessions) {
        metrics.began();
        delivery.begin(seeks::trouble);
        session = sessions.join(opening.join(), new FromGroup());
        heard(true);
    }

    /** Does what the client says. */
    public void accept(FromClient message) {
        Session talk = session;
        if (over || talk == null) {
            return;
        }
        messages++;
        heard(message instanceof FromClient.Heartbeat);
        if (leaving) {
            return;
        }
        switch (message) {
            case FromClient.Credit(long bytes, long records) -> delivery.grant(bytes, records);
            case FromClient.Heartbeat() -> {}
            case FromClient.Accept(var memberId) -> talk.accept(memberId);
            case FromClient.Commit commit -> commits.commit(commit, talk);
            case FromClient.Released(var names) -> released(names, talk);
            case FromClient.Pause(var names) ->
                    holdings.named(names).forEach(holding -> holding.paused = true);
            case FromClient.Resume(var names) -> resume(names);
            case FromClient.Seek(var name, long offset) -> seeks.seek(name, offset);
            case FromClient.SeekPlace(var name, var to) -> seeks.seek(name, to);
            case FromClient.Leave() -> leave(talk);
        }
    }

    /** There is room in the outlet, after there was none. */
    public void hasRoom() {
        delivery.hasRoom();
    }

    /** The client is gone. The outlet hears nothing more. */
    public void disconnected() {
        if (!over) {
            stop();
            if (session != null) {
                session.detach();
            }
        }
    }

    /** Ends it, for a reason that does not lie in its group. */
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

    private void send(ToClient message) {
        if (!over) {
            outlet.send(message);
        }
    }

    /** The group is not told of each message: what is sent in between changes nothing for it. */
    private void heard(boolean tell) {
        long now = loop.nanoTime();
        if (session != null && (tell || now - aliveNanos >= aliveEveryNanos)) {
            aliveNanos = now;
            session.alive(messages);
        }
    }

    private CompletableFuture<CommitResult> commitStarts(List<OffsetCommit> offsets) {
        return Objects.requireNonNull(session)
                .commit(Command.OffsetsCommitted.OF_THE_START, offsets);
    }

    private void released(List<PartitionName> names, Session talk) {
        List<PartitionKey> keys = new ArrayList<>(names.size());
        for (Holding holding : holdings.named(names)) {
            if (holding.revoked) {
                holdings.remove(holding.key);
                keys.add(holding.key);
            }
        }
        if (!keys.isEmpty()) {
            talk.released(keys);
        }
    }

    private void resume(List<PartitionName> names) {
        holdings.named(names).forEach(holding -> holding.paused = false);
        delivery.wants();
    }

    private void leave(Session talk) {
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
     * What the group says. Partitions come and go in the order in which it says so: what it says
     * while partitions arrive waits until the client knows of them.
     */
    private final class FromGroup implements SessionListener {

        @Override
        public void invited(String memberId) {
            send(new ToClient.Invited(memberId));
        }

        @Override
        public void joined(String memberId) {
            boolean grouped = opening.isOfGroup();
            send(
                    new ToClient.Joined(
                            memberId,
                            grouped ? opening.heartbeatInterval() : Duration.ZERO,
                            grouped ? opening.join().details().sessionTimeout() : Duration.ZERO));
            if (!memberId.isEmpty() && memberId.equals(opening.join().memberId())) {
                // It is told what it has still, even if that is nothing.
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
        public void revoke(List<PartitionKey> partitions) {
            inOrder(() -> revoked(partitions));
        }

        @Override
        public void lost(List<PartitionKey> partitions) {
            inOrder(() -> {
                List<PartitionName> names = new ArrayList<>(partitions.size());
                for (PartitionKey key : partitions) {
                    nameless.remove(key);
                    holdings.remove(key).ifPresent(holding -> names.add(holding.name));
                }
                if (!names.isEmpty()) {
                    send(new ToClient.Lost(names));
                }
            });
        }

        @Override
        public void alive(long mark) {
            if (opening.isOfGroup()) {
                send(new ToClient.Alive(mark));
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
        behind.add(change);
        while (!arriving && !over && !behind.isEmpty()) {
            behind.removeFirst().run();
        }
    }

    private void arrived(Arrivals.Arrival arrival, boolean evenNothing) {
        arriving = false;
        if (over) {
            return;
        }
        nameless.addAll(arrival.nameless);
        arrival.holdings.forEach(holdings::add);
        if (evenNothing || !arrival.holdings.isEmpty()) {
            send(
                    new ToClient.Assigned(
                            arrival.holdings.stream()
                                    .map(one ->
                                            new ToClient.Start(one.name, one.position, one.text))
                                    .toList()));
        }
        arrival.failures.forEach(seeks::failed);
        delivery.wants();
        inOrder(() -> {});
    }

    private void revoked(List<PartitionKey> partitions) {
        List<PartitionName> names = new ArrayList<>(partitions.size());
        List<PartitionKey> unknown = new ArrayList<>();
        for (PartitionKey key : partitions) {
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
            send(new ToClient.Revoke(names));
        }
        if (!unknown.isEmpty() && session != null) {
            session.released(unknown);
        }
    }
}
