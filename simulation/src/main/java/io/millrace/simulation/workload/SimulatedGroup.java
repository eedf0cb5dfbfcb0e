package io.millrace.simulation.workload;

import io.millrace.group.MemberDetails;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A consumer group with members that join, leave, are killed and paused. At the end, every
 * partition must have an owner and all records must be processed.
 */
final class SimulatedGroup implements SimulatedClients.Client {

    private static final TopicSubscription ALL =
            new TopicSubscription(Set.of(), "(topic|retained)-.*");

    private final SimulatedCluster cluster;
    private final String name;
    private final SplittableRandom random;
    private final GroupCheck check;
    private final GroupReset reset;
    private final List<SimulatedGroupMember> members = new ArrayList<>();
    private int remainingFaults;

    SimulatedGroup(SimulatedCluster cluster, String name, SplittableRandom random) {
        this.cluster = cluster;
        this.name = name;
        this.random = random;
        this.check = new GroupCheck(cluster, name);
        this.reset = new GroupReset(cluster, name, check, random.split());
        // Some faults need many joins and leaves in between.
        this.remainingFaults =
                random.nextInt(8) == 0 ? 20 + random.nextInt(60) : random.nextInt(20);
        AssignmentStrategy assignor =
                AssignmentStrategy.values()[random.nextInt(AssignmentStrategy.values().length)];
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            MemberDetails details =
                    new MemberDetails(
                            ALL,
                            assignor,
                            Duration.ofMillis(
                                    1000 + random.nextInt(random.nextBoolean() ? 5000 : 15_000)),
                            Duration.ofSeconds(2),
                            "",
                            "",
                            "");
            members.add(
                    new SimulatedGroupMember(
                            cluster,
                            check,
                            new SimulatedGroupMember.Identity(
                                    name,
                                    i,
                                    random.nextBoolean() ? "instance-" + i : "",
                                    details,
                                    random.nextBoolean()
                                            ? SimulatedMemberConnection.CoordinatorRoute.DIRECT
                                            : SimulatedMemberConnection.CoordinatorRoute.ROUTED),
                            random.split()));
        }
    }

    @Override
    public void start() {
        for (SimulatedGroupMember member : members) {
            cluster.world.schedule(FaultState.between(random, 0, 2000), member::start);
        }
        next();
    }

    private void next() {
        cluster.world.schedule(
                FaultState.between(random, 50, 2000),
                () -> {
                    if (remainingFaults > 0) {
                        injectFault(members.get(random.nextInt(members.size())));
                        remainingFaults--;
                        next();
                    }
                });
    }

    private void injectFault(SimulatedGroupMember member) {
        if (!member.isAlive()) {
            return;
        }
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> {
                member.kill();
                restartLater(member, 4000);
            }
            case 3, 4, 5 -> {
                member.leave();
                restartLater(member, 4000);
            }
            case 6 -> restartAll();
            default -> member.pause(FaultState.between(random, 50, 8000));
        }
    }

    private void restartLater(SimulatedGroupMember member, int maxMillis) {
        // After the last messages of a member that leaves.
        cluster.world.schedule(FaultState.between(random, 600, maxMillis), member::start);
    }

    private void restartAll() {
        for (SimulatedGroupMember member : members) {
            if (member.isAlive()) {
                member.leave();
                restartLater(member, 8000);
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            cluster.world.schedule(FaultState.between(random, 0, 6000), reset::attempt);
        }
    }

    @Override
    public boolean isDone() {
        if (remainingFaults > 0) {
            return false;
        }
        return unfinishedPartitions().isEmpty();
    }

    /** Returns the partitions without an owner or with unprocessed records. */
    private Set<PartitionId> unfinishedPartitions() {
        Set<PartitionId> missing = new TreeSet<>();
        NodeProcess process = SimulatedClients.randomServingNode(cluster, random);
        MetadataReplica replica = process == null ? null : process.replica();
        if (replica == null) {
            return Set.of(new PartitionId(-1, 0));
        }
        for (Topic topic : PartitionName.withoutKeys(replica.topics())) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                PartitionId key = new PartitionId(topic.id(), i);
                PartitionName place = new PartitionName(topic.name(), i);
                if (members.stream().noneMatch(member -> member.mayProcess(key))
                        || check.processedTo(key) < cluster.records.log(place).size()) {
                    missing.add(key);
                }
            }
        }
        return missing;
    }

    @Override
    public String toString() {
        return "group %s of %s without %s".formatted(name, members, unfinishedPartitions());
    }
}
