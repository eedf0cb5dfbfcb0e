package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.KafkaGroupCheck;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.SimulatedCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A group of Kafka, classic or of KIP-848, with members that join, leave, are killed and fall
 * silent. At the end, every partition must have a member whose commits are accepted.
 */
final class KafkaGroup implements SimulatedClients.Client {

    /** The protocol of a group's members. */
    enum Protocol {
        CLASSIC,
        CONSUMER
    }

    private final SimulatedCluster cluster;
    private final Protocol protocol;
    private final int partitions;
    private final SplittableRandom random;
    private final List<KafkaGroupMember> members = new ArrayList<>();
    private int assignments;
    private int remainingFaults;

    KafkaGroup(
            SimulatedCluster cluster,
            Protocol protocol,
            String topic,
            int partitions,
            SplittableRandom random) {
        this.cluster = cluster;
        this.protocol = protocol;
        this.partitions = partitions;
        this.random = random;
        this.remainingFaults = random.nextInt(12);
        KafkaGroupCheck check = new KafkaGroupCheck(cluster.violations);
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            KafkaMember.Identity identity =
                    new KafkaMember.Identity(
                            protocol == Protocol.CLASSIC ? "kafka-group" : "kafka-consumers",
                            topic,
                            partitions,
                            random.nextBoolean() ? "instance-" + i : "",
                            6000 + random.nextInt(6000));
            members.add(
                    switch (protocol) {
                        case CLASSIC -> new KafkaMember(cluster, check, identity, random.split());
                        case CONSUMER ->
                                new KafkaConsumerMember(
                                        cluster,
                                        check,
                                        identity,
                                        random.split(),
                                        () -> ++assignments);
                    });
        }
    }

    @Override
    public void start() {
        for (KafkaGroupMember member : members) {
            cluster.world.schedule(FaultState.between(random, 0, 2000), member::start);
        }
        next();
    }

    private void next() {
        cluster.world.schedule(
                FaultState.between(random, 100, 3000),
                () -> {
                    if (remainingFaults > 0) {
                        injectFault(members.get(random.nextInt(members.size())));
                        remainingFaults--;
                        next();
                    } else {
                        members.forEach(KafkaGroupMember::finish);
                    }
                });
    }

    private void injectFault(KafkaGroupMember member) {
        switch (random.nextInt(4)) {
            case 0 -> member.kill();
            case 1 -> member.leave();
            default -> {
                member.pause(FaultState.between(random, 100, 14_000));
                return;
            }
        }
        cluster.world.schedule(FaultState.between(random, 100, 9000), member::start);
    }

    @Override
    public boolean isDone() {
        return remainingFaults == 0
                && IntStream.range(0, partitions)
                        .allMatch(partition ->
                                members.stream().anyMatch(member -> member.hasEnded(partition)));
    }

    @Override
    public String toString() {
        return "the group of protocol %s %s".formatted(protocol, members);
    }
}
