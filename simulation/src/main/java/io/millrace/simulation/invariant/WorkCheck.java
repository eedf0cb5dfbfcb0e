package io.millrace.simulation.invariant;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.world.Violations;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checks that a group processes every record at least once before the committed offset passes the
 * record. A record below the commit of a properly closed member is not processed again, except
 * after a rewind.
 */
final class WorkCheck {

    private static final class Work {
        final BitSet done = new BitSet();
        int next;
        long closed;
    }

    private final Violations violations;
    private final Map<PartitionId, Work> works = new TreeMap<>();

    WorkCheck(Violations violations) {
        this.violations = violations;
    }

    private Work work(PartitionId key) {
        return works.computeIfAbsent(key, any -> new Work());
    }

    /** Checks a record that a member has processed. */
    void processed(int member, PartitionId key, long offset) {
        Work work = work(key);
        violations.check(
                offset >= work.closed,
                "member %d processed record %d of %s, but its predecessor closed with commit %d",
                member,
                offset,
                key,
                work.closed);
        passed(work, offset, offset + 1);
    }

    /** Notes that a range of records is deleted. */
    void gone(PartitionId key, long from, long to) {
        passed(work(key), from, to);
    }

    private static void passed(Work work, long from, long to) {
        work.done.set((int) from, (int) to);
        work.next = work.done.nextClearBit(work.next);
    }

    /** Notes that a member or a successor may continue at an offset. */
    void wentBack(PartitionId key, long offset) {
        Work work = work(key);
        work.closed = Math.min(work.closed, offset);
    }

    /** Notes that a member committed all progress and released the partition. */
    void closed(PartitionId key, long offset) {
        work(key).closed = offset;
    }

    /** Checks a commit that counts for the group. */
    void committed(SentCommit commit) {
        Work work = work(commit.key());
        wentBack(commit.key(), commit.offset());
        if (commit.isReset() && commit.offset() > work.next) {
            // The reset skips these records on purpose.
            passed(work, work.next, commit.offset());
        }
        violations.check(
                commit.offset() <= work.next,
                "%s counts, but record %d was not processed",
                commit,
                work.next);
    }

    /** Returns the offset below which every record was processed. */
    long upTo(PartitionId key) {
        return work(key).next;
    }
}
