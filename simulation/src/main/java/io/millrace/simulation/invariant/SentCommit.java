package io.millrace.simulation.invariant;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.PartitionId;

/**
 * A commit that a process sent, identified by its unique text.
 *
 * @param process the number of the member's process; {@link #RESET} for a reset
 * @param member empty for a reset
 * @param number the sequence number among the commits of the process
 * @param reported the generation in which the process was assigned the partition
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

    public static final long OF_THE_START = Command.OffsetsCommitted.START_POSITION;

    boolean isReset() {
        return process == RESET;
    }

    boolean isStartCommit() {
        return !isReset() && number == OF_THE_START;
    }

    @Override
    public String toString() {
        return "%s, offset %d of %s by %s"
                .formatted(text, offset, key, isReset() ? "a reset" : "member " + member);
    }
}
