package io.millrace.simulation.workload;

import io.millrace.simulation.invariant.ClassicGroupCheck;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.SimulatedCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A classic group of Kafka with members that join, leave, are killed and fall silent. At the end,
 * every partition must have a member whose commits are accepted.
 */
final class KafkaGroup implements SimulatedClients.Client {

    private static final String NAME = "kafka-group";

    private final SimulatedCluster cluster;
    private final int partitions;
    private final SplittableRandom random;
    private final List<KafkaMember> members = new ArrayList<>();
    private int remainingFaults;

    KafkaGroup(SimulatedCluster cluster, String topic, int partitions, SplittableRandom random) {
        this.cluster = cluster;
        this.partitions = partitions;
        this.random = random;
        this.remainingFaults = random.nextInt(12);
        ClassicGroupCheck check = new ClassicGroupCheck(cluster.violations);
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            members.add(
                    new KafkaMember(
                            cluster,
                            check,
                            new KafkaMember.Identity(
                                    NAME,
                                    topic,
                                    partitions,
                                    random.nextBoolean() ? "instance-" + i : "",
                                    6000 + random.nextInt(6000)),
                            random.split()));
        }
    }

    @Override
    public void start() {
        for (KafkaMember member : members) {
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
                        members.forEach(KafkaMember::finish);
                    }
                });
    }

    private void injectFault(KafkaMember member) {
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
        return "the classic group " + members;
    }
}
