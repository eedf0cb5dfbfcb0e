package io.millrace.metadata.replica;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.acl.Acl;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Proposals that wait for the append in flight, with waiting producers first. A full queue rejects
 * proposals. Owned by the replica's event loop.
 */
final class ProposalQueue {

    static final int MAX_WAITING = 20_000;

    /**
     * Keeps an entry far below 1 MiB, where an item takes at most about 30 bytes, and its
     * application at some ten milliseconds.
     */
    private static final int MAX_WEIGHT = 16_384;

    /** The partitions whose creation takes as long as the application of a batch item. */
    private static final int PARTITIONS_PER_WEIGHT = 4;

    /** Few deletions share an entry, because topics may have many partitions. */
    private static final int DELETION_WEIGHT = 64;

    private final ArrayDeque<PendingProposal> produce = new ArrayDeque<>();
    private final ArrayDeque<PendingProposal> background = new ArrayDeque<>();

    private int maxNextGroupSize = MAX_WAITING;

    private int urgent;

    boolean add(PendingProposal proposal, Priority lane) {
        if (size() >= MAX_WAITING) {
            return false;
        }
        proposal.lane = lane;
        lane(lane).add(proposal);
        onAdded(proposal);
        return true;
    }

    /** Returns whether the queue has proposals other than offset commits. */
    boolean isUrgent() {
        return urgent > 0;
    }

    private void onAdded(PendingProposal proposal) {
        urgent += isUrgent(proposal) ? 1 : 0;
    }

    private void onRemoved(PendingProposal proposal) {
        urgent -= isUrgent(proposal) ? 1 : 0;
    }

    private static boolean isUrgent(PendingProposal proposal) {
        return !(proposal.command instanceof Command.OffsetsCommitted);
    }

    private ArrayDeque<PendingProposal> lane(Priority lane) {
        return switch (lane) {
            case PRODUCE -> produce;
            case BACKGROUND -> background;
        };
    }

    /**
     * Requeues a group in its place if its entry was too large. The next entry takes at most half.
     *
     * @param group at least two proposals
     */
    void requeueSplit(List<PendingProposal> group) {
        for (PendingProposal proposal : group.reversed()) {
            lane(proposal.lane).addFirst(proposal);
            onAdded(proposal);
        }
        maxNextGroupSize = group.size() / 2;
    }

    int size() {
        return produce.size() + background.size();
    }

    boolean remove(PendingProposal proposal) {
        boolean removed = produce.remove(proposal) || background.remove(proposal);
        if (removed) {
            onRemoved(proposal);
        }
        return removed;
    }

    List<PendingProposal> takeIf(Predicate<PendingProposal> test) {
        List<PendingProposal> taken = new ArrayList<>();
        for (ArrayDeque<PendingProposal> lane : List.of(produce, background)) {
            lane.stream().filter(test).forEach(taken::add);
            lane.removeIf(test);
        }
        taken.forEach(this::onRemoved);
        return taken;
    }

    /** Removes and returns the proposals for an entry; at least one if the queue is not empty. */
    List<PendingProposal> takeGroup() {
        List<PendingProposal> group = new ArrayList<>();
        int weight = take(produce, group, 0);
        take(background, group, weight);
        group.forEach(this::onRemoved);
        maxNextGroupSize = MAX_WAITING;
        return group;
    }

    private int take(
            ArrayDeque<PendingProposal> lane, List<PendingProposal> group, int weightBefore) {
        int weight = weightBefore;
        @Nullable PendingProposal next = lane.peek();
        while (next != null && group.size() < maxNextGroupSize) {
            weight += weight(next.command);
            if (weight > MAX_WEIGHT && !group.isEmpty()) {
                break;
            }
            group.add(lane.remove());
            next = lane.peek();
        }
        return weight;
    }

    private static int weight(Command command) {
        return switch (command) {
            case Command.BlockCommitted block -> 4 + block.items().size();
            case Command.TopicCreated created ->
                    16
                            + 8 * created.config().size()
                            + created.partitionCount() / PARTITIONS_PER_WEIGHT;
            case Command.TopicDeleted deleted -> DELETION_WEIGHT;
            case Command.PartitionsAdded added ->
                    1 + added.partitionCount() / PARTITIONS_PER_WEIGHT;
            case Command.TopicConfigured configured ->
                    16 + 8 * (configured.set().size() + configured.reset().size());
            case Command.ObjectsForgotten forgotten -> 1;
            case Command.ExtentsReplaced replaced ->
                    4
                            + replaced.inputs().size()
                            + replaced.rows().stream().mapToInt(row -> row.extents().size()).sum();
            case Command.ObjectsCondemned condemned -> 1 + condemned.objects().size();
            case Command.ExtentsOffloaded offloaded -> 4 + 2 * offloaded.rows().size();
            case Command.ExtentsReloaded reloaded ->
                    4 + reloaded.rows().stream().mapToInt(row -> row.content().size() / 28).sum();
            case Command.LogStartAdvanced advanced -> 4 + advanced.starts().size() / 2;
            case Command.KeysCompacted compacted -> 4 + compacted.rows().size() / 2;
            case Command.ProducerIdsAllocated allocated -> 1;
            case Command.ProducersExpired expired -> 1;
            case Command.ProducerCapacityRaised raised -> 1;
            case Command.IncarnationClosed closed -> 1;
            case Command.FeatureLevelRaised raised -> 1;
            case Command.GroupClaimed claimed -> weight(claimed.group());
            case Command.GroupReleased released -> weight(released.group());
            case Command.GroupChanged changed -> weight(changed.change());
            case Command.OffsetsCommitted commit -> weight(commit.commits());
            case Command.GroupDeleted deleted -> weight(deleted.group());
            case Command.OffsetsDeleted deleted -> 4 + deleted.partitions().size();
            case Command.MembersRemoved removed ->
                    4 + removed.members().stream().mapToInt(ProposalQueue::weight).sum();
            case Command.GroupsExpired expired -> 1;
            case Command.NodeNumbered numbered -> weight(numbered.node());
            case Command.AclsChanged changed ->
                    4 + weightOf(changed.added()) + weightOf(changed.removed());
            case Command.QuotasChanged changed ->
                    4
                            + changed.set().stream()
                                    .mapToInt(quota -> weight(quota.key().principal()))
                                    .sum()
                            + changed.removed().stream()
                                    .mapToInt(key -> weight(key.principal()))
                                    .sum();
            case Command.ScramCredentialsChanged changed ->
                    4
                            + changed.set().stream()
                                    .mapToInt(credential -> 8 + weight(credential.name().user()))
                                    .sum()
                            + changed.removed().stream()
                                    .mapToInt(name -> weight(name.user()))
                                    .sum();
        };
    }

    private static int weight(String id) {
        return 2 + id.length() / 32;
    }

    private static int weightOf(List<Acl> acls) {
        return acls.stream().mapToInt(acl -> 2 + Acls.charsOf(acl) / 32).sum();
    }

    private static int weight(List<OffsetCommit> commits) {
        int chars = 0;
        for (OffsetCommit commit : commits) {
            chars += commit.committed().text().length();
        }
        return 4 + commits.size() + chars / 10;
    }

    private static int weight(GroupChange change) {
        int bytes = change.details().size();
        for (GroupMember member : change.joined()) {
            bytes += 64 + member.detailsBytes();
        }
        return 4 + change.left().size() + change.leases().size() / 4 + bytes / 32;
    }
}
