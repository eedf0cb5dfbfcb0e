package io.millrace.simulation;

import io.millrace.fetch.PartitionKey;
import io.millrace.fetch.group.Assignor;
import io.millrace.fetch.group.MemberDetails;
import io.millrace.fetch.group.Subscription;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.Topic;
import io.millrace.simulation.RecordCheck.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A consumer group whose members come, go, are killed and stopped, and which is reset. When that is
 * over, each partition must be some member's, and all records must be worked on.
 */
final class SharingGroup implements Clients.Client {

    private static final Subscription ALL = new Subscription(Set.of(), "topic-.*");

    private final Cluster cluster;
    private final String name;
    private final SplittableRandom random;
    private final GroupCheck check;
    private final GroupReset reset;
    private final List<SharingMember> members = new ArrayList<>();
    private int disturbances;

    SharingGroup(Cluster cluster, String name, SplittableRandom random) {
        this.cluster = cluster;
        this.name = name;
        this.random = random;
        this.check = new GroupCheck(cluster, name);
        this.reset = new GroupReset(cluster, name, check, random.split());
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
                                    name,
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
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> {
                member.kill();
                comeBack(member, 4000);
            }
            case 3, 4, 5 -> {
                member.leave();
                comeBack(member, 4000);
            }
            case 6 -> everybodyGoes();
            default -> member.pause(Weather.between(random, 50, 8000));
        }
    }

    private void comeBack(SharingMember member, int mostMillis) {
        // Behind what a member that leaves may still have to say.
        cluster.world.schedule(Weather.between(random, 600, mostMillis), member::start);
    }

    /** Somebody resets the group meanwhile, or tries to. */
    private void everybodyGoes() {
        for (SharingMember member : members) {
            if (member.isAlive()) {
                member.leave();
                comeBack(member, 8000);
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            cluster.world.schedule(Weather.between(random, 0, 6000), reset::attempt);
        }
    }

    @Override
    public boolean isDone() {
        if (disturbances > 0) {
            return false;
        }
        return missing().isEmpty();
    }

    /** The partitions that nobody works on, or of which not all is done that others have read. */
    private Set<PartitionKey> missing() {
        Set<PartitionKey> missing = new TreeSet<>();
        NodeProcess process = Clients.anyNode(cluster, random);
        MetadataReplica replica = process == null ? null : process.replica();
        if (replica == null) {
            return Set.of(new PartitionKey(-1, 0));
        }
        for (Topic topic : Place.withoutKeys(replica.topics())) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                PartitionKey key = new PartitionKey(topic.id(), i);
                Place place = new Place(topic.name(), i);
                if (members.stream().noneMatch(member -> member.mayWorkOn(key))
                        || check.doneUpTo(key) < cluster.records.log(place).size()) {
                    missing.add(key);
                }
            }
        }
        return missing;
    }

    @Override
    public String toString() {
        return "group %s of %s without %s".formatted(name, members, missing());
    }
}
