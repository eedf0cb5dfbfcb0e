package io.millrace.metadata.command;

import java.util.List;

/**
 * An append of one incarnation to the metadata log. (incarnation, sequence) identifies the entry in
 * every epoch, and each entry is applied once.
 *
 * <p>The generation stands in the entry because a restored log continues with the entries of the
 * new generation: from the first of them on, the state must tell its offsets from lost ones.
 *
 * @param sequence the number among the incarnation's entries, from 1, without gaps
 * @param generation the generation of the cluster in which the entry is appended, from 1
 * @param commands at least one
 */
public record Entry(long incarnation, long sequence, int generation, List<Command> commands) {

    public static final int MAX_GENERATION = 1 << 22;

    public Entry {
        commands = List.copyOf(commands);
        if (generation < 1 || generation > MAX_GENERATION) {
            throw new IllegalArgumentException("generation " + generation);
        }
        if (sequence < 1 || commands.isEmpty()) {
            throw new IllegalArgumentException(
                    "entry %d with %d commands".formatted(sequence, commands.size()));
        }
    }

    /** An entry of a cluster that was never restored. */
    public Entry(long incarnation, long sequence, List<Command> commands) {
        this(incarnation, sequence, 1, commands);
    }
}
