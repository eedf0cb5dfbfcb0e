package io.millrace.simulation.invariant;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.PartitionId;

/**
 * An offset that somebody wanted to be a group's. Its text is its own: by that it is known again
 * wherever it shows up.
 *
 * @param process of a member, that no other one is; {@link #RESET} for who resets the group
 * @param member the id under which that was sent; empty for who resets the group
 * @param number among the process's commits
 * @param reported the group's generation when the process was told that it has the partition
 */
public record SentCommit(
        String text,
        PartitionId key,
        long offset,
        long process,
        String member,
        long number,
        int reported,
        long sentNanos) {

    static final long RESET = 0;

    /** The number of a commit that counts only where nothing is committed. */
    public static final long OF_THE_START = Command.OffsetsCommitted.OF_THE_START;

    boolean isReset() {
        return process == RESET;
    }

    boolean isOfTheStart() {
        return !isReset() && number == OF_THE_START;
    }

    @Override
    public String toString() {
        return "%s, offset %d of %s by %s"
                .formatted(text, offset, key, isReset() ? "a reset" : "member " + member);
    }
}
