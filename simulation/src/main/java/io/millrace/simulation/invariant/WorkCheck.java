package io.millrace.simulation.invariant;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.world.Violations;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checks that a group processes every record before the committed offset passes the record. Records
 * below the commit of a properly closed member are processed again only after a rewind.
 */
final class WorkCheck {

    private static final class WorkProgress {
        final BitSet done = new BitSet();
        int next;
        long closed;
    }

    private final Violations violations;
    private final Map<PartitionId, WorkProgress> works = new TreeMap<>();

    WorkCheck(Violations violations) {
        this.violations = violations;
    }

    private WorkProgress work(PartitionId key) {
        return works.computeIfAbsent(key, any -> new WorkProgress());
    }

    void processed(int member, PartitionId key, long offset) {
        WorkProgress work = work(key);
        violations.check(
                offset >= work.closed,
                "member %d processed record %d of %s, but its predecessor closed with commit %d",
                member,
                offset,
                key,
                work.closed);
        markProcessed(work, offset, offset + 1);
    }

    void deleted(PartitionId key, long from, long to) {
        markProcessed(work(key), from, to);
    }

    private static void markProcessed(WorkProgress work, long from, long to) {
        work.done.set((int) from, (int) to);
        work.next = work.done.nextClearBit(work.next);
    }

    /** Notes that a member or a successor may continue at an offset. */
    void rewound(PartitionId key, long offset) {
        WorkProgress work = work(key);
        work.closed = Math.min(work.closed, offset);
    }

    void closed(PartitionId key, long offset) {
        work(key).closed = offset;
    }

    void committed(SentCommit commit) {
        WorkProgress work = work(commit.key());
        rewound(commit.key(), commit.offset());
        if (commit.isReset() && commit.offset() > work.next) {
            // The reset skips these records on purpose.
            markProcessed(work, work.next, commit.offset());
        }
        violations.check(
                commit.offset() <= work.next,
                "%s counts, but record %d was not processed",
                commit,
                work.next);
    }

    long processedTo(PartitionId key) {
        return work(key).next;
    }
}
