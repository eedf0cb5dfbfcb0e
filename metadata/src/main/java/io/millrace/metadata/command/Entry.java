package io.millrace.metadata.command;

import java.util.List;

/**
 * One append of one incarnation to the metadata log. Its identity is (incarnation, sequence),
 * whatever the epoch: the state machine applies an entry once, however often it is in the log.
 * Immutable.
 *
 * @param incarnation who appended it
 * @param sequence its number among the entries of that incarnation, from 1, without holes
 * @param commands what it decides, in order; at least one
 */
public record Entry(long incarnation, long sequence, List<Command> commands) {

    public Entry {
        commands = List.copyOf(commands);
        if (sequence < 1 || commands.isEmpty()) {
            throw new IllegalArgumentException(
                    "entry %d with %d commands".formatted(sequence, commands.size()));
        }
    }
}
