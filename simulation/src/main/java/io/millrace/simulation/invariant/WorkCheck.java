package io.millrace.simulation.invariant;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.world.Violations;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which records the members of a group worked on: all of them at least once, before the group says
 * that it is done with them; and none again that was committed by who closed in order, unless
 * somebody went back.
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

    /** A member has worked on a record. */
    void processed(int member, PartitionId key, long offset) {
        Work work = work(key);
        violations.check(
                offset >= work.closed,
                "member %d works on record %d of %s, and who closed before had committed %d",
                member,
                offset,
                key,
                work.closed);
        passed(work, offset, offset + 1);
    }

    /** There are no such records any more. */
    void gone(PartitionId key, long from, long to) {
        passed(work(key), from, to);
    }

    private static void passed(Work work, long from, long to) {
        work.done.set((int) from, (int) to);
        work.next = work.done.nextClearBit(work.next);
    }

    /** A member goes on from there, or somebody behind it may. */
    void wentBack(PartitionId key, long offset) {
        Work work = work(key);
        work.closed = Math.min(work.closed, offset);
    }

    /** Who had the partition committed all that it did, and let go of it. */
    void closed(PartitionId key, long offset) {
        work(key).closed = offset;
    }

    /** The group has committed this. */
    void committed(SentCommit commit) {
        Work work = work(commit.key());
        wentBack(commit.key(), commit.offset());
        if (commit.isReset() && commit.offset() > work.next) {
            // Whoever did that wants these to be passed over.
            passed(work, work.next, commit.offset());
        }
        violations.check(
                commit.offset() <= work.next,
                "%s counts, and nobody has worked on record %d",
                commit,
                work.next);
    }

    /** Up to where each record was worked on. */
    long upTo(PartitionId key) {
        return work(key).next;
    }
}
