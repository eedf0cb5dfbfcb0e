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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a consumer group promises: no two members have a right to one partition at a time, each goes
 * on exactly where the group is, and what {@link CommitCheck} and {@link WorkCheck} say.
 */
public final class GroupCheck {

    private final SimulatedCluster cluster;
    private final String group;
    private final List<SimulatedGroupMember> members = new ArrayList<>();
    private final WorkCheck work;
    private final CommitCheck commits;
    private final CloseCheck closes;

    /** How often a member heard that a partition is its own. */
    private final Map<PartitionId, Integer> assignments = new TreeMap<>();

    private long processes = SentCommit.RESET;

    public GroupCheck(SimulatedCluster cluster, String group) {
        this.cluster = cluster;
        this.group = group;
        work = new WorkCheck(cluster.violations);
        commits = new CommitCheck(cluster.world, this::note, cluster.violations, work::committed);
        closes = new CloseCheck(cluster.violations, commits);
        cluster.groups.add(this);
    }

    /** A number for a process of a member. */
    public long newProcess() {
        return ++processes;
    }

    /** Something happened to the group, or to one of its members, in a partition. */
    public void note(String what, long who, PartitionId key, long offset) {
        note(what + " " + key.topicId() + "-" + key.partition(), who, offset);
    }

    /** Something happened to one of its members. */
    public void note(String what, long who, long detail) {
        cluster.trace.note(cluster.world.nanoTime(), group + ": " + what, who, detail, 0);
    }

    public void add(SimulatedGroupMember member) {
        members.add(member);
    }

    /** A process's copy of the metadata is at this entry now. */
    public void applied(NodeProcess process, MetadataReplica replica, long entry) {
        commits.applied(process.node, replica.groups().group(group).orElse(null), entry);
    }

    /** A member heard that a partition is its own. */
    public void assigned(
            SimulatedGroupMember to,
            SimulatedMember life,
            PartitionId key,
            Optional<CommittedOffset> from) {
        long offset = from.map(CommittedOffset::offset).orElse(0L);
        note("assigned", to.number(), key, offset);
        assignments.merge(key, 1, Integer::sum);
        closes.begins(key, life.process, from.map(CommittedOffset::text).orElse(""));
        SentCommit now = commits.current(key);
        if (now == null) {
            // It begins where the log does.
            work.gone(key, 0, Math.min(offset, cluster.records.maxTrimmed(key)));
        }
        if (!life.mayWorkOn(key)) {
            // It heard of it too late: it slept, and has no right to anything any more.
            return;
        }
        boolean isThere =
                now == null
                        ? offset <= cluster.records.maxTrimmed(key)
                        : from.isPresent() && from.get().text().equals(now.text());
        cluster.violations.check(
                // What it sent itself, through a node that is away, may count in between.
                (isThere && (now == null || offset == now.offset()))
                        || (now != null && now.process() == life.process),
                "member %s gets %s from %s on, and the group is at %s",
                to,
                key,
                from,
                now);
        exclusive(to);
    }

    /** No other member has a right to what this one has a right to. */
    public void exclusive(SimulatedGroupMember one) {
        if (cluster.aLiveNodeWasDeclaredDead) {
            // Then two nodes speak for a group, and both have a right to.
            return;
        }
        for (PartitionId key : one.works()) {
            for (SimulatedGroupMember other : members) {
                cluster.violations.check(
                        other == one || !other.mayWorkOn(key),
                        "members %s and %s both have a right to %s",
                        one,
                        other,
                        key);
            }
        }
    }

    /** A member has worked on a record. */
    public void processed(SimulatedGroupMember by, PartitionId key, long offset) {
        work.processed(by.number(), key, offset);
    }

    /** A member found that there are no such records any more. */
    public void gone(PartitionId key, long from, long to) {
        work.gone(key, from, to);
    }

    /** A member's process is about to commit. */
    public SentCommit sent(PartitionId key, long offset, SimulatedMember by, long number) {
        work.wentBack(key, offset);
        return sentUnder(key, offset, by, number);
    }

    /** The same for what it let go of, under the lease that it had. */
    public SentCommit sentUnder(PartitionId key, long offset, SimulatedMember by, long number) {
        return commits.sent(key, offset, by.process, by.id(), number, by.reported(key));
    }

    /** The same for what it works on no more, or does again without having heard it yet. */
    public SentCommit sentLate(PartitionId key, long offset, SimulatedMember by, long number) {
        return commits.sent(key, offset, by.process, by.id(), number, Integer.MAX_VALUE);
    }

    /** A member lets go of the partition behind this commit. */
    public void closes(SentCommit commit) {
        closes.closes(commit);
    }

    /** It hears what became of that, over the same connection and with a right still. */
    public void closed(SentCommit commit, CommitResult result) {
        if (!cluster.aLiveNodeWasDeclaredDead) {
            closes.answered(commit, result);
        }
    }

    /** Somebody is about to reset the group. */
    public SentCommit reset(PartitionId key, long offset) {
        return commits.sent(key, offset, SentCommit.RESET, "", 0, 0);
    }

    /** How often a partition was assigned. */
    public int assignments(PartitionId key) {
        return assignments.getOrDefault(key, 0);
    }

    /**
     * A member hears what became of its commit.
     *
     * @param closes how often the partition had been assigned when it let go of it with this; -1 if
     *     it did not
     */
    public void answered(SentCommit commit, RowOutcome row, int closes) {
        note(
                "hears " + row.getClass().getSimpleName(),
                commit.number(),
                commit.key(),
                commit.offset());
        commits.answered(commit, row);
        // Where two nodes speak for a group, another may work on it all the same.
        if (!cluster.aLiveNodeWasDeclaredDead
                && closes == assignments(commit.key())
                && commit.equals(commits.current(commit.key()))) {
            work.closed(commit.key(), commit.offset());
        }
    }

    /** Up to where the group has worked on each record of a partition. */
    public long doneUpTo(PartitionId key) {
        return work.upTo(key);
    }
}
