package io.millrace.simulation;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.AssignedPartition;
import io.millrace.fetch.group.JoinRequest;
import io.millrace.fetch.group.MemberDetails;
import io.millrace.fetch.group.Session;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One process of a {@link SharingMember}, by all the rules: it works on a partition as long as its
 * right lasts by its own clock, commits what it did, lets go of what it is to give up, and goes on
 * at another node when its own is gone.
 */
final class MemberLife {

    final NodeLoop loop;
    final long process;
    private final Cluster cluster;
    private final SharingMember.Identity who;
    private final SplittableRandom random;
    private final SharingMember member;
    private final GroupCheck check;
    private final Duration patience;
    private final int mostIdleMillis;
    private final MemberWork work;
    private final MemberRight right;
    private final Set<PartitionKey> revoked = new TreeSet<>();
    private final MemberDetails details;
    private String id = "";
    private @Nullable MemberLine line;
    private long heardNanos;
    private boolean isIn;
    private boolean leaving;

    MemberLife(
            Cluster cluster,
            SharingMember.Identity who,
            SplittableRandom random,
            SharingMember member,
            GroupCheck check) {
        this.loop = new NodeLoop(cluster.world);
        this.cluster = cluster;
        this.who = who;
        this.random = random;
        this.member = member;
        this.check = check;
        this.process = check.newProcess();
        this.details = ofRun(who.details(), "run-" + process);
        this.right = new MemberRight(who.details().sessionTimeout());
        // What went wrong shows in between where nothing follows at once.
        this.mostIdleMillis = random.nextBoolean() ? 400 : 12_000;
        this.work = new MemberWork(cluster, member, this, random, check);
        // A node on the way may have to wait for the next coordinator.
        this.patience =
                who.way() == MemberLine.Way.DIRECT
                        ? Duration.ofSeconds(2)
                        : Weather.between(random, 2000, 8000);
    }

    private static MemberDetails ofRun(MemberDetails of, String run) {
        return new MemberDetails(
                of.subscription(),
                of.assignor(),
                of.sessionTimeout(),
                of.releaseTimeout(),
                of.zone(),
                of.clientId(),
                run);
    }

    String id() {
        return id;
    }

    boolean isAlive() {
        return !loop.isDead() && !leaving;
    }

    boolean mayWorkOn(PartitionKey key) {
        return isAlive() && work.has(key) && right.lasts(cluster.world.nanoTime());
    }

    List<PartitionKey> works() {
        return work.partitions().stream().filter(this::mayWorkOn).toList();
    }

    void kill() {
        loop.die();
        work.loseAll();
    }

    void start() {
        connect();
        work();
    }

    private void connect() {
        connect(Clients.anyNode(cluster, random));
    }

    private void connect(@Nullable NodeProcess node) {
        NodeGroups groups = node == null ? null : node.groups();
        if (leaving) {
            return;
        }
        if (node == null || groups == null) {
            loop.schedule(Duration.ofMillis(100), this::connect);
            return;
        }
        MemberLine begun = new MemberLine(cluster.network.connect(node), loop, new Ears());
        line = begun;
        isIn = false;
        heardNanos = loop.nanoTime();
        long mark = right.begin(loop.nanoTime(), id.isEmpty());
        check.note("joins", who.number(), node.node);
        begun.join(
                who.way(),
                groups,
                new JoinRequest(
                        who.group(),
                        id,
                        who.instanceId(),
                        details,
                        id.isEmpty() ? Optional.empty() : Optional.of(work.partitions())),
                mark,
                Network.notice(random));
        beat(begun);
    }

    private void disconnect() {
        if (line != null) {
            line.close();
            line = null;
        }
    }

    private void beat(MemberLine on) {
        loop.schedule(
                who.details().sessionTimeout().dividedBy(4),
                () -> {
                    if (line != on || leaving) {
                        return;
                    }
                    if (loop.nanoTime() - heardNanos > patience.toNanos()) {
                        giveUp(on);
                        return;
                    }
                    long own = right.asked(loop.nanoTime());
                    on.tell(session -> session.alive(own));
                    beat(on);
                });
    }

    private void work() {
        loop.schedule(
                Weather.between(random, 10, mostIdleMillis),
                () -> {
                    if (line != null) {
                        work.turn(line, works());
                    }
                    work();
                });
    }

    /** Whether it was told over this connection that it is a member. */
    boolean isIn() {
        return isIn;
    }

    /** Whether it is that member still, with a right, over that connection. */
    boolean isAt(MemberLine on, String memberId) {
        return line == on && id.equals(memberId) && right.lasts(loop.nanoTime());
    }

    /** The group's generation when it heard last that it has a partition. */
    int told(PartitionKey key) {
        return work.told(key);
    }

    String group() {
        return who.group();
    }

    /** Something came through that connection. */
    void heard(MemberLine on) {
        if (line == on) {
            heardNanos = loop.nanoTime();
        }
    }

    /** Nothing came through that connection for too long: it goes on through another one. */
    void giveUp(MemberLine on) {
        if (line == on && !leaving) {
            disconnect();
            connect();
        }
    }

    private void release(MemberLine on, List<PartitionKey> partitions) {
        List<PartitionKey> release = new ArrayList<>(partitions);
        release.retainAll(revoked);
        release.retainAll(work.partitions());
        for (PartitionKey key : release) {
            if (mayWorkOn(key)) {
                work.close(on, key);
            }
            check.note("released", who.number(), key, 0);
            work.lose(key);
            revoked.remove(key);
        }
        on.tell(session -> session.released(release));
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

    /** Commits all that it did, and goes. */
    void leave() {
        MemberLine last = line;
        if (last != null) {
            works().forEach(key -> work.close(last, key));
            last.tell(Session::leave);
        }
        leaving = true;
        work.loseAll();
        loop.schedule(Duration.ofMillis(500), loop::die);
    }

    /** Hears what the group says, as long as that connection is the one. */
    private final class Ears implements MemberLine.End {

        @Override
        public void heard() {
            heardNanos = loop.nanoTime();
        }

        @Override
        public void invited(String memberId) {
            MemberLine on = line;
            if (on != null && !leaving) {
                on.tell(session -> session.accept(memberId));
            }
        }

        @Override
        public void joined(String memberId) {
            if (!leaving) {
                id = memberId;
                isIn = true;
            }
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            if (leaving) {
                return;
            }
            for (AssignedPartition one : partitions) {
                revoked.remove(one.partition());
                work.begin(
                        line,
                        one.partition(),
                        one.committed().map(CommittedOffset::offset).orElse(0L),
                        generation);
                check.assigned(member, MemberLife.this, one.partition(), one.committed());
                if (line != null && one.committed().isEmpty()) {
                    work.commitStart(line, one.partition());
                }
            }
        }

        @Override
        public void revoke(List<PartitionKey> partitions) {
            MemberLine on = line;
            if (leaving || on == null) {
                return;
            }
            revoked.addAll(partitions);
            loop.schedule(
                    Weather.between(random, 0, 600),
                    () -> {
                        if (line == on && !leaving) {
                            release(on, partitions);
                        }
                    });
        }

        @Override
        public void lost(List<PartitionKey> partitions) {
            partitions.forEach(key -> {
                work.lose(key);
                revoked.remove(key);
            });
        }

        @Override
        public void alive(long heard) {
            if (!leaving) {
                right.answered(heard);
                check.exclusive(member);
            }
        }

        @Override
        public void ended(Problem problem) {
            disconnect();
            if (leaving) {
                return;
            }
            check.note(problem.reason().name(), who.number(), 0);
            // Of one name there is one process at a time: whoever was before it is gone.
            cluster.violations.check(
                    problem.reason() != Reason.INSTANCE_REPLACED,
                    "member %s lives, and hears: %s",
                    member,
                    problem.message());
            if (!problem.retriable()) {
                work.loseAll();
                revoked.clear();
                id = "";
            }
            NodeProcess hinted =
                    problem.reason() == Reason.NOT_COORDINATOR
                            ? processOf(problem.details().getOrDefault("node", ""))
                            : null;
            loop.schedule(
                    Weather.between(random, hinted == null ? 100 : 1, hinted == null ? 500 : 5),
                    () -> {
                        if (line == null) {
                            connect(hinted == null ? Clients.anyNode(cluster, random) : hinted);
                        }
                    });
        }
    }
}
