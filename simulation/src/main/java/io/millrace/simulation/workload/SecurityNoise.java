package io.millrace.simulation.workload;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.simulation.invariant.LogCheck;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes ACLs and quotas while batches are in flight. {@link LogCheck} checks that all nodes apply
 * the changes alike. The index of the answering node agrees with its list.
 */
final class SecurityNoise implements SimulatedClients.Client {

    private final SimulatedCluster cluster;
    private final SplittableRandom random;
    private int rounds;

    SecurityNoise(SimulatedCluster cluster, SplittableRandom random) {
        this.cluster = cluster;
        this.random = random;
        this.rounds = 1 + random.nextInt(15);
    }

    @Override
    public void start() {
        cluster.world.schedule(Duration.ofMillis(100 + random.nextInt(1_000)), this::round);
    }

    private void round() {
        NodeProcess process = SimulatedClients.randomServingNode(cluster, random);
        MetadataReplica replica = process == null ? null : process.replica();
        if (process != null && replica != null) {
            Command command = random.nextInt(4) == 0 ? quotas() : acls();
            process.loop.execute(() ->
                    replica.propose(command, Metadata.Priority.BACKGROUND)
                            .thenAccept(proposal -> check(replica, command, proposal)));
        }
        if (--rounds > 0) {
            start();
        }
    }

    private Command acls() {
        return random.nextBoolean()
                ? new Command.AclsChanged(List.of(acl()), List.of())
                : new Command.AclsChanged(List.of(), List.of(acl(), acl()));
    }

    private Acl acl() {
        String name = "topic-" + random.nextInt(2);
        return Acl.allow(
                "User:" + random.nextInt(3),
                random.nextBoolean() ? Operation.READ : Operation.WRITE,
                random.nextBoolean()
                        ? ResourcePattern.literal(ResourceType.TOPIC, name)
                        : ResourcePattern.prefixed(ResourceType.TOPIC, name));
    }

    private Command quotas() {
        QuotaKey key = new QuotaKey("User:" + random.nextInt(3), QuotaKind.REQUESTS);
        return random.nextBoolean()
                ? new Command.QuotasChanged(
                        List.of(new Quota(key, 1 + random.nextInt(1_000))), List.of())
                : new Command.QuotasChanged(List.of(), List.of(key));
    }

    /** Another command of the same entry may have removed the ACL again. */
    private void check(MetadataReplica replica, Command command, Proposal proposal) {
        if (proposal instanceof Proposal.Applied(Outcome.Completed _, long _)
                && command instanceof Command.AclsChanged changed) {
            for (Acl acl : changed.added()) {
                boolean allowed =
                        replica.acls()
                                .index()
                                .allows(
                                        acl.principal(),
                                        "",
                                        acl.operation(),
                                        ResourceType.TOPIC,
                                        acl.resource().name());
                cluster.violations.check(
                        allowed || !replica.acls().contains(acl),
                        "the index does not allow what %s allows",
                        acl);
            }
        }
    }

    @Override
    public boolean isDone() {
        return rounds == 0;
    }

    @Override
    public String toString() {
        return "security noise";
    }
}
