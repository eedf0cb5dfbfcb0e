package io.millrace.simulation.workload;

import io.millrace.group.AssignedPartition;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.Network;
import io.millrace.simulation.world.NodeGroups;
import io.millrace.simulation.world.NodeLoop;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One process of a {@link SimulatedGroupMember}, which follows the protocol: processes a partition
 * while the lease lasts by the local clock, commits the progress, releases revoked partitions, and
 * reconnects after the failure of a node.
 */
public final class SimulatedMember {

    final NodeLoop loop;
    public final long process;
    private final SimulatedCluster cluster;
    private final SimulatedGroupMember.Identity who;
    private final SplittableRandom random;
    private final SimulatedGroupMember member;
    private final GroupCheck check;
    private final Duration patience;
    private final int maxIdleMillis;
    private final MemberWork work;
    private final MemberLeaseCheck right;
    private final Set<PartitionId> revoked = new TreeSet<>();
    private final MemberDetails details;
    private String id = "";
    private @Nullable SimulatedMemberConnection line;
    private long receivedNanos;
    private boolean isIn;
    private boolean leaving;

    SimulatedMember(
            SimulatedCluster cluster,
            SimulatedGroupMember.Identity who,
            SplittableRandom random,
            SimulatedGroupMember member,
            GroupCheck check) {
        this.loop = new NodeLoop(cluster.world);
        this.cluster = cluster;
        this.who = who;
        this.random = random;
        this.member = member;
        this.check = check;
        this.process = check.newProcess();
        this.details = ofRun(who.details(), "run-" + process);
        this.right = new MemberLeaseCheck(who.details().sessionTimeout());
        // Longer idle times leave faults visible; shorter idle times hide them.
        this.maxIdleMillis = random.nextBoolean() ? 400 : 12_000;
        this.work = new MemberWork(cluster, member, this, random, check);
        // A routing node may have to wait for the next coordinator.
        this.patience =
                who.way() == SimulatedMemberConnection.Way.DIRECT
                        ? Duration.ofSeconds(2)
                        : FaultState.between(random, 2000, 8000);
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

    public String id() {
        return id;
    }

    boolean isAlive() {
        return !loop.isDead() && !leaving;
    }

    public boolean mayWorkOn(PartitionId key) {
        return isAlive() && work.has(key) && right.lasts(cluster.world.nanoTime());
    }

    List<PartitionId> works() {
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
        connect(SimulatedClients.anyNode(cluster, random));
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
        SimulatedMemberConnection begun =
                new SimulatedMemberConnection(cluster.network.connect(node), loop, new Ears());
        line = begun;
        isIn = false;
        receivedNanos = loop.nanoTime();
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

    private void beat(SimulatedMemberConnection on) {
        loop.schedule(
                who.details().sessionTimeout().dividedBy(4),
                () -> {
                    if (line != on || leaving) {
                        return;
                    }
                    if (loop.nanoTime() - receivedNanos > patience.toNanos()) {
                        abort(on);
                        return;
                    }
                    long own = right.asked(loop.nanoTime());
                    on.report(session -> session.alive(own));
                    beat(on);
                });
    }

    private void work() {
        loop.schedule(
                FaultState.between(random, 10, maxIdleMillis),
                () -> {
                    if (line != null) {
                        work.turn(line, works());
                    }
                    work();
                });
    }

    /** Returns whether the member has joined over the current connection. */
    boolean isIn() {
        return isIn;
    }

    /**
     * Returns whether the process is still that member over that connection, with a valid lease.
     */
    boolean isAt(SimulatedMemberConnection on, String memberId) {
        return line == on && id.equals(memberId) && right.lasts(loop.nanoTime());
    }

    /** Returns the generation in which the process was assigned the partition last. */
    public int reported(PartitionId key) {
        return work.reported(key);
    }

    String group() {
        return who.group();
    }

    /** Notes that a message arrived over a connection. */
    void received(SimulatedMemberConnection on) {
        if (line == on) {
            receivedNanos = loop.nanoTime();
        }
    }

    /** Replaces a connection over which no message has arrived for too long. */
    void abort(SimulatedMemberConnection on) {
        if (line == on && !leaving) {
            disconnect();
            connect();
        }
    }

    private void release(SimulatedMemberConnection on, List<PartitionId> partitions) {
        List<PartitionId> release = new ArrayList<>(partitions);
        release.retainAll(revoked);
        release.retainAll(work.partitions());
        for (PartitionId key : release) {
            if (mayWorkOn(key)) {
                work.close(on, key);
            }
            check.note("released", who.number(), key, 0);
            work.lose(key);
            revoked.remove(key);
        }
        on.report(session -> session.released(release));
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

    /** Commits all progress and leaves the group. */
    void leave() {
        SimulatedMemberConnection last = line;
        if (last != null) {
            works().forEach(key -> work.close(last, key));
            last.report(GroupSession::leave);
        }
        leaving = true;
        work.loseAll();
        loop.schedule(Duration.ofMillis(500), loop::die);
    }

    /** Handles the events of the current connection. */
    private final class Ears implements SimulatedMemberConnection.End {

        @Override
        public void received() {
            receivedNanos = loop.nanoTime();
        }

        @Override
        public void invited(String memberId) {
            SimulatedMemberConnection on = line;
            if (on != null && !leaving) {
                on.report(session -> session.accept(memberId));
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
                check.assigned(member, SimulatedMember.this, one.partition(), one.committed());
                if (line != null && one.committed().isEmpty()) {
                    work.commitStart(line, one.partition());
                }
            }
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            SimulatedMemberConnection on = line;
            if (leaving || on == null) {
                return;
            }
            revoked.addAll(partitions);
            loop.schedule(
                    FaultState.between(random, 0, 600),
                    () -> {
                        if (line == on && !leaving) {
                            release(on, partitions);
                        }
                    });
        }

        @Override
        public void lost(List<PartitionId> partitions) {
            partitions.forEach(key -> {
                work.lose(key);
                revoked.remove(key);
            });
        }

        @Override
        public void alive(long received) {
            if (!leaving) {
                right.answered(received);
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
            // Only one process at a time has the instance id, and the predecessor has ended.
            cluster.violations.check(
                    problem.reason() != Reason.INSTANCE_REPLACED,
                    "member %s is alive, but received: %s",
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
                    FaultState.between(random, hinted == null ? 100 : 1, hinted == null ? 500 : 5),
                    () -> {
                        if (line == null) {
                            connect(
                                    hinted == null
                                            ? SimulatedClients.anyNode(cluster, random)
                                            : hinted);
                        }
                    });
        }
    }
}
