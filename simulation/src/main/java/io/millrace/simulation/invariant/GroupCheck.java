package io.millrace.simulation.invariant;

import io.millrace.group.CommitResult;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.workload.SimulatedGroupMember;
import io.millrace.simulation.workload.SimulatedMember;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Checks that no two members of a group hold the right to a partition at a time. Each member must
 * continue exactly at the group's offset.
 */
public final class GroupCheck {

    private final SimulatedCluster cluster;
    private final String group;
    private final ExclusiveRights rights;
    private final WorkCheck work;
    private final CommitCheck commits;
    private final CloseCheck closes;

    private final Map<PartitionId, Integer> assignments = new TreeMap<>();

    private long processes = SentCommit.RESET;

    public GroupCheck(SimulatedCluster cluster, String group) {
        this.cluster = cluster;
        this.group = group;
        rights = new ExclusiveRights(cluster.wrongDeaths, cluster.violations);
        work = new WorkCheck(cluster.violations);
        commits = new CommitCheck(cluster.world, this::note, cluster.violations, work::committed);
        closes = new CloseCheck(cluster.violations, commits);
        cluster.groups.add(this);
    }

    public long newProcess() {
        return ++processes;
    }

    public void note(String what, long who, PartitionId key, long offset) {
        note(what + " " + key.topicId() + "-" + key.partition(), who, offset);
    }

    public void note(String what, long who, long detail) {
        cluster.trace.note(cluster.world.nanoTime(), group + ": " + what, who, detail, 0);
    }

    public void add(SimulatedGroupMember member) {
        rights.add(member);
    }

    public void applied(NodeProcess process, MetadataReplica replica, long entry) {
        commits.applied(process.node, replica.groups().group(group).orElse(null), entry);
    }

    public void assigned(
            SimulatedGroupMember to,
            SimulatedMember life,
            PartitionId key,
            Optional<CommittedOffset> from) {
        long offset = from.map(CommittedOffset::offset).orElse(0L);
        note("assigned", to.number(), key, offset);
        assignments.merge(key, 1, Integer::sum);
        closes.assigned(key, life.process, from.map(CommittedOffset::text).orElse(""));
        SentCommit now = commits.current(key);
        if (now == null) {
            // The member starts at the log start.
            work.deleted(key, 0, Math.min(offset, cluster.records.maxTrimmed(key)));
        }
        if (!life.mayProcess(key)) {
            // The lease had expired before the assignment arrived.
            return;
        }
        commits.assigned(to, life.process, key, from, cluster.records.maxTrimmed(key));
        checkExclusive(to);
    }

    public void checkExclusive(SimulatedGroupMember member) {
        rights.check(member);
    }

    public void processed(SimulatedGroupMember by, PartitionId key, long offset) {
        work.processed(by.number(), key, offset);
    }

    public void deleted(PartitionId key, long from, long to) {
        work.deleted(key, from, to);
    }

    public SentCommit sent(PartitionId key, long offset, SimulatedMember by, long number) {
        work.rewound(key, offset);
        return sentUnderFormerLease(key, offset, by, number);
    }

    /** As {@link #sent}, for a released partition, under the former lease. */
    public SentCommit sentUnderFormerLease(
            PartitionId key, long offset, SimulatedMember by, long number) {
        return commits.sent(key, offset, by.process, by.id(), number, by.reported(key));
    }

    /** As {@link #sent}, for a lost partition, or for an assignment that has not arrived yet. */
    public SentCommit sentAfterLoss(PartitionId key, long offset, SimulatedMember by, long number) {
        return commits.sent(key, offset, by.process, by.id(), number, Integer.MAX_VALUE);
    }

    public void closes(SentCommit commit) {
        closes.closes(commit);
    }

    /** Checks the result, received over the same connection and with a valid lease. */
    public void closeAnswered(SentCommit commit, CommitResult result) {
        if (!rights.mayOverlap()) {
            closes.answered(commit, result);
        }
    }

    public SentCommit reset(PartitionId key, long offset) {
        return commits.sent(key, offset, SentCommit.RESET, "", 0, 0);
    }

    public int assignments(PartitionId key) {
        return assignments.getOrDefault(key, 0);
    }

    /**
     * @param closes the number of the partition's assignments if the commit preceded a release;
     *     else -1
     */
    public void answered(SentCommit commit, RowOutcome row, int closes) {
        note(
                "commit result " + row.getClass().getSimpleName(),
                commit.number(),
                commit.key(),
                commit.offset());
        commits.answered(commit, row);
        // If two nodes coordinate the group, a second member may process the partition.
        if (!rights.mayOverlap()
                && closes == assignments(commit.key())
                && commit.equals(commits.current(commit.key()))) {
            work.closed(commit.key(), commit.offset());
        }
    }

    public long processedTo(PartitionId key) {
        return work.processedTo(key);
    }
}
