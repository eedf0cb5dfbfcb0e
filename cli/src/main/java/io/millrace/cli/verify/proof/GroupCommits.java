package io.millrace.cli.verify.proof;

import io.millrace.cli.verify.proof.Violation.Kind;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Checks the commits and deliveries of a consumer group with one member for one partition. A
 * committed offset is the last acknowledged commit, or a later one without an answer, and never
 * decreases. A new member continues at the committed offset. Methods return the violation, or null.
 * Not thread-safe.
 */
public final class GroupCommits {

    private static final long NONE = -1;

    private final int partition;
    private final boolean mayMiss;
    private long acknowledged = NONE;
    private long attempted = NONE;
    private long next = NONE;
    private boolean isFirst = true;

    /**
     * @param mayMiss true if compaction, retention or a trim may remove records
     */
    public GroupCommits(int partition, boolean mayMiss) {
        this.partition = partition;
        this.mayMiss = mayMiss;
    }

    /** Returns the offset of the next record to be delivered; -1 before the first delivery. */
    public long next() {
        return next;
    }

    /**
     * Returns the offset that a member may commit; -1 before the first delivery since the
     * assignment, because the position of an earlier member may be ahead of its commit.
     */
    public long committable() {
        return isFirst ? NONE : next;
    }

    /** Called when a new member was assigned the partition. */
    public void assigned() {
        isFirst = true;
    }

    /** Called when a member received the records from one offset to another, exclusive. */
    public @Nullable Violation delivered(long from, long to) {
        boolean wasFirst = isFirst;
        long lowest = wasFirst ? acknowledged : next;
        long highest = wasFirst ? Math.max(acknowledged, attempted) : next;
        isFirst = false;
        if (lowest != NONE && from < lowest) {
            return Violation.of(
                    Kind.COMMIT,
                    partition,
                    from,
                    "the group received offset %d again, after %s offset %d.",
                    from,
                    wasFirst ? "the commit of" : "all records before",
                    lowest);
        }
        if (highest != NONE && from > highest && !mayMiss) {
            return Violation.of(
                    Kind.COMMIT,
                    partition,
                    highest,
                    "the group did not receive the offsets %d to %d after %s.",
                    highest,
                    from - 1,
                    wasFirst ? "a restart from its commit" : "the records before");
        }
        next = to;
        return null;
    }

    /** Called before a commit is sent. */
    public void committing(long offset) {
        attempted = Math.max(attempted, offset);
    }

    /** Called when a commit was acknowledged. */
    public void committed(long offset) {
        acknowledged = Math.max(acknowledged, offset);
    }

    /**
     * Called with the committed offset that a server reports, while no commit is in flight and the
     * group has no member.
     */
    public @Nullable Violation observed(OptionalLong committed) {
        long found = committed.orElse(NONE);
        if (found < acknowledged || found > Math.max(attempted, acknowledged)) {
            return Violation.of(
                    Kind.COMMIT,
                    partition,
                    found,
                    "the group's committed offset is %s, but the last acknowledged commit is %s and the last attempted %s.",
                    name(found),
                    name(acknowledged),
                    name(attempted));
        }
        acknowledged = found;
        return null;
    }

    private static String name(long offset) {
        return offset == NONE ? "none" : Long.toString(offset);
    }
}
