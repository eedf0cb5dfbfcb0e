package io.millrace.metadata.command;

import java.util.List;

/**
 * An append of one incarnation to the metadata log. (incarnation, sequence) identifies the entry in
 * every epoch, and each entry is applied once.
 *
 * @param sequence the number among the incarnation's entries, from 1, without gaps
 * @param commands at least one
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
