package io.millrace.simulation.workload;

import com.google.protobuf.ByteString;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.LeaseChange;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.invariant.LogCheck;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sends random commands of a consumer group, valid or not. {@link LogCheck} checks that all nodes
 * apply them alike. A command above the cluster's feature level must not enter the log.
 */
final class GroupNoise implements SimulatedClients.Client {

    private static final String GROUP = "group";

    private final SimulatedCluster cluster;
    private final SplittableRandom random;
    private int rounds;

    GroupNoise(SimulatedCluster cluster, SplittableRandom random) {
        this.cluster = cluster;
        this.random = random;
        this.rounds = 5 + random.nextInt(40);
    }

    @Override
    public void start() {
        cluster.world.schedule(Duration.ofMillis(50 + random.nextInt(500)), this::round);
    }

    private void round() {
        NodeProcess process = SimulatedClients.randomServingNode(cluster, random);
        MetadataReplica replica = process == null ? null : process.replica();
        if (process != null && replica != null) {
            process.loop.execute(() ->
                    replica.propose(command(replica), Metadata.Priority.BACKGROUND)
                            .thenAccept(this::check));
        }
        if (--rounds > 0) {
            start();
        }
    }

    private Command command(MetadataReplica replica) {
        @Nullable Group group = replica.groups().group(GROUP).orElse(null);
        long claim = group == null ? 0 : group.claimEpoch();
        int generation = group == null ? 0 : group.generation();
        String member = "member-" + random.nextInt(3);
        int partition = random.nextInt(2);
        return switch (random.nextInt(6)) {
            case 0 -> new Command.GroupClaimed(GROUP, replica.incarnation(), claim);
            case 1, 2 ->
                    new Command.GroupChanged(
                            GROUP,
                            claim,
                            generation + 1,
                            new GroupChange(
                                    "",
                                    ByteString.EMPTY,
                                    random.nextInt(3) == 0 ? List.of("member-0") : List.of(),
                                    List.of(
                                            new GroupMember(
                                                    member,
                                                    "",
                                                    ByteString.EMPTY,
                                                    ByteString.EMPTY)),
                                    List.of(new LeaseChange(1, partition, member))));
            case 3 -> new Command.GroupsExpired(mayExpire() ? random.nextInt(100) : 0);
            default ->
                    new Command.OffsetsCommitted(
                            GROUP,
                            member,
                            generation,
                            random.nextInt(-1, 5),
                            List.of(
                                    new OffsetCommit(
                                            1,
                                            partition,
                                            new CommittedOffset(random.nextInt(99), -1, ""))));
        };
    }

    /** Returns whether no group has offsets that a check expects. */
    private boolean mayExpire() {
        return !cluster.hasGroup && !cluster.speaksKafka();
    }

    private void check(Proposal proposal) {
        cluster.violations.check(
                !(proposal instanceof Proposal.Applied(Outcome.CommandRejected(var why), var nanos)
                        && why.reason() == Reason.FEATURE_LEVEL_TOO_LOW),
                "the log contains a command above the current feature level: %s",
                proposal);
    }

    @Override
    public boolean isDone() {
        return rounds == 0;
    }

    @Override
    public String toString() {
        return "group noise";
    }
}
