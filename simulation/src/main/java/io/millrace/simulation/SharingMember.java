package io.millrace.simulation;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.AssignedPartition;
import io.millrace.fetch.group.CommitResult;
import io.millrace.fetch.group.GroupCoordinator;
import io.millrace.fetch.group.JoinRequest;
import io.millrace.fetch.group.MemberDetails;
import io.millrace.fetch.group.Session;
import io.millrace.fetch.group.SessionListener;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that shares partitions with others, by all the rules: it works on a partition as long
 * as its right lasts by its own clock, commits what it did, lets go of what it is to give up, and
 * goes on at another node when its own is gone.
 */
final class SharingMember {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Cluster cluster;
    private final GroupCheck check;
    private final String group;
    private final int number;
    private final String instanceId;
    private final MemberDetails details;
    private final SplittableRandom random;

    private Life life;

    SharingMember(
            Cluster cluster,
            GroupCheck check,
            String group,
            int number,
            String instanceId,
            MemberDetails details,
            SplittableRandom random) {
        this.cluster = cluster;
        this.check = check;
        this.group = group;
        this.number = number;
        this.instanceId = instanceId;
        this.details = details;
        this.random = random;
        this.life = new Life();
        check.add(this);
    }

    int number() {
        return number;
    }

    void start() {
        life.loop.die();
        Life begun = new Life();
        life = begun;
        begun.loop.execute(begun::connect);
    }

    /** Ends without a word, as kill -9. */
    void kill() {
        life.loop.die();
        life.owned.clear();
    }

    /** Ends as it should. */
    void leave() {
        life.leave();
    }

    /** Whether it runs, and wants to go on. */
    boolean isAlive() {
        return !life.loop.isDead() && !life.leaving;
    }

    /** Does nothing for a while, as SIGSTOP. */
    void pause(Duration time) {
        Life paused = life;
        if (!paused.loop.isPaused()) {
            paused.loop.pause();
            cluster.world.schedule(time, paused.loop::resume);
        }
    }

    /** Whether it may work on a partition by all it knows. */
    boolean mayWorkOn(PartitionKey key) {
        return isAlive()
                && life.owned.containsKey(key)
                && cluster.world.nanoTime() < life.rightUntilNanos;
    }

    /** The partitions that it may work on. */
    Set<PartitionKey> works() {
        Set<PartitionKey> works = new TreeSet<>(life.owned.keySet());
        works.removeIf(key -> !mayWorkOn(key));
        return works;
    }

    /** Why it cannot be a member; empty if it can, or does not know. */
    Optional<Reason> refusal() {
        return Optional.ofNullable(life.refusal);
    }

    @Override
    public String toString() {
        return "%d (%s)".formatted(number, life.id);
    }

    /** One process of it. */
    private final class Life {

        final NodeLoop loop = new NodeLoop(cluster.world);
        final Map<PartitionKey, Long> owned = new TreeMap<>();
        String id = "";
        long rightUntilNanos;
        @Nullable Reason refusal;
        private final TreeMap<Long, Long> sentNanos = new TreeMap<>();
        private final Set<PartitionKey> revoked = new TreeSet<>();
        private @Nullable Line line;
        private long mark;
        private long heardNanos;
        private boolean leaving;

        void connect() {
            connect(Clients.anyNode(cluster, random));
        }

        private void connect(@Nullable NodeProcess node) {
            GroupCoordinator coordinator = node == null ? null : node.groups();
            if (leaving) {
                return;
            }
            if (node == null || coordinator == null) {
                loop.schedule(Duration.ofMillis(100), this::connect);
                return;
            }
            Line begun = new Line(cluster.network.connect(node));
            line = begun;
            heardNanos = loop.nanoTime();
            sentNanos.clear();
            sentNanos.put(++mark, loop.nanoTime());
            if (id.isEmpty()) {
                rightUntilNanos = loop.nanoTime() + details.sessionTimeout().toNanos();
            }
            boolean knows = !id.isEmpty();
            cluster.trace.note(loop.nanoTime(), "member joins", number, node.node, owned.size());
            begun.join(
                    coordinator,
                    new JoinRequest(
                            group,
                            id,
                            instanceId,
                            details,
                            knows ? Optional.of(owned.keySet()) : Optional.empty()),
                    mark);
            beat(begun);
            work(begun);
        }

        private void beat(Line on) {
            loop.schedule(
                    details.sessionTimeout().dividedBy(4),
                    () -> {
                        if (line != on || leaving) {
                            return;
                        }
                        if (loop.nanoTime() - heardNanos > PATIENCE.toNanos()) {
                            line = null;
                            connect();
                            return;
                        }
                        long own = ++mark;
                        sentNanos.put(own, loop.nanoTime());
                        on.tell(session -> session.alive(own));
                        beat(on);
                    });
        }

        private void work(Line on) {
            loop.schedule(
                    Weather.between(random, 10, 400),
                    () -> {
                        if (line == on && !leaving) {
                            List<PartitionKey> mine = List.copyOf(works());
                            if (!mine.isEmpty()) {
                                commit(on, mine.get(random.nextInt(mine.size())));
                            }
                            work(on);
                        }
                    });
        }

        private void commit(Line on, PartitionKey key) {
            long offset = owned.getOrDefault(key, 0L) + 1 + random.nextInt(20);
            owned.put(key, offset);
            check.sent(key, offset);
            OffsetCommit commit =
                    new OffsetCommit(
                            key.topicId(), key.partition(), new CommittedOffset(offset, -1, ""));
            on.ask(
                    session -> session.commit(List.of(commit)),
                    result -> {
                        if (result instanceof CommitResult.Judged(var rows)
                                && rows.getFirst() instanceof CommittedRow.Counts) {
                            check.acknowledged(key, offset);
                        }
                    });
        }

        void assigned(List<AssignedPartition> partitions) {
            for (AssignedPartition one : partitions) {
                long committed = one.committed().map(CommittedOffset::offset).orElse(0L);
                revoked.remove(one.partition());
                owned.put(one.partition(), committed);
                check.assigned(SharingMember.this, one.partition(), committed);
            }
        }

        void revoke(Line on, List<PartitionKey> partitions) {
            revoked.addAll(partitions);
            loop.schedule(
                    Weather.between(random, 0, 600),
                    () -> {
                        if (line == on && !leaving) {
                            List<PartitionKey> release = new ArrayList<>(partitions);
                            release.retainAll(revoked);
                            release.retainAll(owned.keySet());
                            for (PartitionKey key : release) {
                                if (mayWorkOn(key)) {
                                    commit(on, key);
                                }
                                cluster.trace.note(
                                        loop.nanoTime(), "released", key.partition(), 0, number);
                                owned.remove(key);
                                revoked.remove(key);
                            }
                            on.tell(session -> session.released(release));
                        }
                    });
        }

        void ended(Problem problem) {
            line = null;
            cluster.trace.note(loop.nanoTime(), problem.reason().name(), number, 0, 0);
            refusal = problem.reason();
            if (!problem.retriable()) {
                owned.clear();
                revoked.clear();
                id = "";
            }
            NodeProcess next = null;
            if (problem.reason() == Reason.NOT_COORDINATOR) {
                next = processOf(problem.details().getOrDefault("node", ""));
            }
            NodeProcess there = next;
            loop.schedule(
                    Weather.between(random, there == null ? 100 : 1, there == null ? 500 : 5),
                    () -> {
                        if (line == null) {
                            if (there == null) {
                                connect();
                            } else {
                                connect(there);
                            }
                        }
                    });
        }

        private @Nullable NodeProcess processOf(String node) {
            for (SimulatedNode each : cluster.nodes) {
                NodeProcess process = each.serving();
                if (process != null && process.name().equals(node)) {
                    return process;
                }
            }
            return null;
        }

        void leave() {
            leaving = true;
            Line last = line;
            owned.clear();
            if (last != null) {
                last.tell(Session::leave);
            }
            loop.schedule(Duration.ofMillis(500), loop::die);
        }

        /** A session over one connection. */
        private final class Line implements SessionListener {

            private final Network.Link link;
            private @Nullable Session session;

            Line(Network.Link link) {
                this.link = link;
            }

            void join(GroupCoordinator coordinator, JoinRequest request, long first) {
                link.send(() -> {
                    Session begun = coordinator.join(request, this);
                    session = begun;
                    begun.alive(first);
                });
            }

            void tell(Consumer<Session> message) {
                link.send(() -> {
                    if (session != null) {
                        message.accept(session);
                    }
                });
            }

            void ask(
                    Function<Session, CompletableFuture<CommitResult>> question,
                    Consumer<CommitResult> answer) {
                link.send(() -> {
                    if (session != null) {
                        question.apply(session)
                                .thenAccept(result -> back(() -> answer.accept(result)));
                    }
                });
            }

            private void back(Runnable heard) {
                link.reply(() ->
                        loop.execute(() -> {
                            if (line == this && !leaving) {
                                heardNanos = loop.nanoTime();
                                heard.run();
                            }
                        }));
            }

            @Override
            public void joined(String memberId) {
                back(() -> {
                    id = memberId;
                    refusal = null;
                });
            }

            @Override
            public void assigned(int generation, List<AssignedPartition> partitions) {
                back(() -> Life.this.assigned(partitions));
            }

            @Override
            public void revoke(List<PartitionKey> partitions) {
                back(() -> Life.this.revoke(this, partitions));
            }

            @Override
            public void lost(List<PartitionKey> partitions) {
                back(() ->
                        partitions.forEach(key -> {
                            owned.remove(key);
                            revoked.remove(key);
                        }));
            }

            @Override
            public void alive(long heard) {
                back(() -> {
                    Long sent = sentNanos.get(heard);
                    if (sent != null) {
                        rightUntilNanos =
                                Math.max(
                                        rightUntilNanos, sent + details.sessionTimeout().toNanos());
                        sentNanos.headMap(heard).clear();
                    }
                });
            }

            @Override
            public void ended(Problem problem) {
                back(() -> Life.this.ended(problem));
            }
        }
    }
}
