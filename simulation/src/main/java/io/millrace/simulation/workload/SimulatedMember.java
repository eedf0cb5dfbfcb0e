package io.millrace.simulation.workload;

import io.millrace.group.AssignedPartition;
import io.millrace.group.GroupSession;
import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.membership.Role;
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
 * One process of a {@link SimulatedGroupMember}. It processes partitions while the lease lasts by
 * the local clock, and reconnects after the failure of a node.
 */
public final class SimulatedMember {

    final NodeLoop loop;
    public final long process;
    private final SimulatedCluster cluster;
    private final SimulatedGroupMember.Identity identity;
    private final SplittableRandom random;
    private final SimulatedGroupMember member;
    private final GroupCheck check;
    private final Duration silenceTimeout;
    private final int maxIdleMillis;
    private final MemberWork work;
    private final MemberLeaseClock lease;
    private final Set<PartitionId> revoked = new TreeSet<>();
    private final MemberDetails details;
    private String id = "";
    private @Nullable SimulatedMemberConnection connection;
    private long receivedNanos;
    private boolean hasJoined;
    private boolean leaving;

    SimulatedMember(
            SimulatedCluster cluster,
            SimulatedGroupMember.Identity who,
            SplittableRandom random,
            SimulatedGroupMember member,
            GroupCheck check) {
        this.loop = new NodeLoop(cluster.world);
        this.cluster = cluster;
        this.identity = who;
        this.random = random;
        this.member = member;
        this.check = check;
        this.process = check.newProcess();
        this.details = ofRun(who.details(), "run-" + process);
        this.lease = new MemberLeaseClock(who.details().sessionTimeout());
        // Longer idle times leave faults visible; shorter idle times hide them.
        this.maxIdleMillis = random.nextBoolean() ? 400 : 12_000;
        this.work = new MemberWork(cluster, member, this, random, check);
        // A routing node may have to wait for the next coordinator.
        this.silenceTimeout =
                who.way() == SimulatedMemberConnection.CoordinatorRoute.DIRECT
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

    public boolean mayProcess(PartitionId key) {
        return isAlive() && work.has(key) && lease.isValid(cluster.world.nanoTime());
    }

    List<PartitionId> processablePartitions() {
        return work.partitions().stream().filter(this::mayProcess).toList();
    }

    void kill() {
        loop.kill();
        work.loseAllPartitions();
    }

    void start() {
        connect();
        work();
    }

    private void connect() {
        connect(SimulatedClients.randomServingNode(cluster, Role.FETCH, random));
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
                new SimulatedMemberConnection(
                        cluster.network.connect(node), loop, new MemberEvents());
        connection = begun;
        hasJoined = false;
        receivedNanos = loop.nanoTime();
        long mark = lease.begin(loop.nanoTime(), id.isEmpty());
        check.note("joins", identity.number(), node.node);
        begun.join(
                identity.way(),
                groups,
                new JoinRequest(
                        identity.group(),
                        id,
                        identity.instanceId(),
                        details,
                        id.isEmpty() ? Optional.empty() : Optional.of(work.partitions())),
                mark,
                Network.detectionDelay(random));
        sendHeartbeats(begun);
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    private void sendHeartbeats(SimulatedMemberConnection on) {
        loop.schedule(
                identity.details().sessionTimeout().dividedBy(4),
                () -> {
                    if (connection != on || leaving) {
                        return;
                    }
                    if (loop.nanoTime() - receivedNanos > silenceTimeout.toNanos()) {
                        abort(on);
                        return;
                    }
                    long own = lease.heartbeatSent(loop.nanoTime());
                    on.report(session -> session.heartbeat(own));
                    sendHeartbeats(on);
                });
    }

    private void work() {
        loop.schedule(
                FaultState.between(random, 10, maxIdleMillis),
                () -> {
                    if (connection != null) {
                        work.step(connection, processablePartitions());
                    }
                    work();
                });
    }

    /** Returns whether the member has joined over the current connection. */
    boolean hasJoined() {
        return hasJoined;
    }

    boolean isValidMemberOver(SimulatedMemberConnection on, String memberId) {
        return connection == on && id.equals(memberId) && lease.isValid(loop.nanoTime());
    }

    /** Returns the generation in which the process was assigned the partition last. */
    public int reported(PartitionId key) {
        return work.reported(key);
    }

    String group() {
        return identity.group();
    }

    void received(SimulatedMemberConnection on) {
        if (connection == on) {
            receivedNanos = loop.nanoTime();
        }
    }

    void abort(SimulatedMemberConnection on) {
        if (connection == on && !leaving) {
            disconnect();
            connect();
        }
    }

    private void release(SimulatedMemberConnection on, List<PartitionId> partitions) {
        List<PartitionId> release = new ArrayList<>(partitions);
        release.retainAll(revoked);
        release.retainAll(work.partitions());
        for (PartitionId key : release) {
            if (mayProcess(key)) {
                work.close(on, key);
            }
            check.note("released", identity.number(), key, 0);
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

    void leave() {
        SimulatedMemberConnection last = connection;
        if (last != null) {
            processablePartitions().forEach(key -> work.close(last, key));
            last.report(GroupSession::leave);
        }
        leaving = true;
        work.loseAllPartitions();
        loop.schedule(Duration.ofMillis(500), loop::kill);
    }

    private final class MemberEvents implements SimulatedMemberConnection.MemberEventHandler {

        @Override
        public void received() {
            receivedNanos = loop.nanoTime();
        }

        @Override
        public void invited(String memberId) {
            SimulatedMemberConnection on = connection;
            if (on != null && !leaving) {
                on.report(session -> session.accept(memberId));
            }
        }

        @Override
        public void joined(String memberId) {
            if (!leaving) {
                id = memberId;
                hasJoined = true;
            }
        }

        @Override
        public void assigned(int generation, List<AssignedPartition> partitions) {
            if (leaving) {
                return;
            }
            for (AssignedPartition partition : partitions) {
                revoked.remove(partition.partition());
                work.start(
                        connection,
                        partition.partition(),
                        partition.committed().map(CommittedOffset::offset).orElse(0L),
                        generation);
                check.assigned(
                        member, SimulatedMember.this, partition.partition(), partition.committed());
                if (connection != null && partition.committed().isEmpty()) {
                    work.commitStart(connection, partition.partition());
                }
            }
        }

        @Override
        public void revoke(List<PartitionId> partitions) {
            SimulatedMemberConnection on = connection;
            if (leaving || on == null) {
                return;
            }
            revoked.addAll(partitions);
            loop.schedule(
                    FaultState.between(random, 0, 600),
                    () -> {
                        if (connection == on && !leaving) {
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
                lease.heartbeatAnswered(received);
                check.checkExclusive(member);
            }
        }

        @Override
        public void ended(Problem problem) {
            disconnect();
            if (leaving) {
                return;
            }
            check.note(problem.reason().name(), identity.number(), 0);
            // Only one process at a time has the instance id, and the predecessor has ended.
            cluster.violations.check(
                    problem.reason() != Reason.INSTANCE_REPLACED,
                    "member %s is alive, but received: %s",
                    member,
                    problem.message());
            if (!problem.retriable()) {
                work.loseAllPartitions();
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
                        if (connection == null) {
                            connect(
                                    hinted == null
                                            ? SimulatedClients.randomServingNode(
                                                    cluster, Role.FETCH, random)
                                            : hinted);
                        }
                    });
        }
    }
}
