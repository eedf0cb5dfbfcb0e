package io.millrace.simulation;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.Assignor;
import io.millrace.fetch.group.MemberDetails;
import io.millrace.fetch.group.Subscription;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.Topic;
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
 * A consumer group whose members come, go, are killed and stopped. When that is over, each
 * partition must be some member's, and commits must get on.
 */
final class SharingGroup implements Clients.Client {

    private static final String NAME = "sharers";
    private static final Subscription ALL = new Subscription(Set.of(), "topic-.*");

    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Cluster cluster;
    private final SplittableRandom random;
    private final GroupCheck check;
    private final List<SharingMember> members = new ArrayList<>();
    private int disturbances;

    SharingGroup(Cluster cluster, SplittableRandom random) {
        this.cluster = cluster;
        this.random = random;
        this.check = new GroupCheck(cluster);
        // Some faults need many members that come and go between two others.
        this.disturbances = random.nextInt(8) == 0 ? 20 + random.nextInt(60) : random.nextInt(20);
        Assignor assignor = Assignor.values()[random.nextInt(Assignor.values().length)];
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
                    new SharingMember(
                            cluster,
                            check,
                            new SharingMember.Identity(
                                    NAME,
                                    i,
                                    random.nextBoolean() ? "instance-" + i : "",
                                    details,
                                    random.nextBoolean()
                                            ? MemberLine.Way.DIRECT
                                            : MemberLine.Way.ROUTED),
                            random.split()));
        }
    }

    @Override
    public void start() {
        for (SharingMember member : members) {
            cluster.world.schedule(Weather.between(random, 0, 2000), member::start);
        }
        next();
        look();
    }

    /** Whether commits that count go on counting, between the members' reports too. */
    private void look() {
        for (SimulatedNode node : cluster.nodes) {
            NodeProcess process = node.serving();
            MetadataReplica replica = process == null ? null : process.replica();
            if (process != null && replica != null) {
                check.acknowledged()
                        .keySet()
                        .forEach(key -> check.seen(process, key, committed(replica, key)));
            }
        }
        cluster.world.schedule(LOOK_EVERY, this::look);
    }

    private void next() {
        cluster.world.schedule(
                Weather.between(random, 50, 2000),
                () -> {
                    if (disturbances > 0) {
                        disturb(members.get(random.nextInt(members.size())));
                        disturbances--;
                        next();
                    }
                });
    }

    private void disturb(SharingMember member) {
        if (!member.isAlive()) {
            return;
        }
        switch (random.nextInt(3)) {
            case 0 -> {
                member.kill();
                comeBack(member);
            }
            case 1 -> {
                member.leave();
                comeBack(member);
            }
            default -> member.pause(Weather.between(random, 50, 8000));
        }
    }

    private void comeBack(SharingMember member) {
        // Behind what a member that leaves may still have to say.
        cluster.world.schedule(Weather.between(random, 600, 4000), member::start);
    }

    @Override
    public boolean isDone() {
        if (disturbances > 0) {
            return false;
        }
        if (members.stream()
                .allMatch(member ->
                        member.refusal().equals(Optional.of(Reason.FEATURE_LEVEL_TOO_LOW)))) {
            return true;
        }
        return missing().isEmpty();
    }

    /** The partitions that nobody works on, or whose commits do not count for all. */
    private Set<PartitionKey> missing() {
        Set<PartitionKey> missing = new TreeSet<>();
        NodeProcess process = Clients.anyNode(cluster, random);
        MetadataReplica replica = process == null ? null : process.replica();
        if (replica == null) {
            return Set.of(new PartitionKey(-1, 0));
        }
        for (Topic topic : replica.topics().all()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                missing.add(new PartitionKey(topic.id(), i));
            }
        }
        members.forEach(member -> missing.removeAll(member.works()));
        check.acknowledged()
                .forEach((key, offset) -> {
                    if (committed(replica, key) < offset) {
                        missing.add(key);
                    }
                });
        return missing;
    }

    private static long committed(MetadataReplica replica, PartitionKey key) {
        @Nullable Group group = replica.groups().group(NAME).orElse(null);
        return group == null
                ? -1
                : group.committed(key.topicId(), key.partition())
                        .map(CommittedOffset::offset)
                        .orElse(-1L);
    }

    @Override
    public String toString() {
        return "group %s of %s without %s".formatted(NAME, members, missing());
    }
}
