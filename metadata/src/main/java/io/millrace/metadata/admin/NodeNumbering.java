package io.millrace.metadata.admin;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * The number of a node: the applied one, or a new one from the log. Called on the metadata's loop,
 * where futures complete.
 */
public final class NodeNumbering {

    private final Metadata metadata;

    public NodeNumbering(Metadata metadata) {
        this.metadata = metadata;
    }

    /**
     * Returns the number of a node, and allocates one if the node has none.
     *
     * @param node the id that the node registers
     * @return fails with a {@link io.millrace.protocol.error.ProblemException}; a retry is harmless
     */
    public CompletableFuture<Integer> number(String node) {
        OptionalInt known = metadata.nodeNumbers().numberOf(node);
        return known.isPresent()
                ? CompletableFuture.completedFuture(known.getAsInt())
                : metadata.propose(new Command.NodeNumbered(node), Metadata.Priority.BACKGROUND)
                        .thenApply(Proposal::acceptedOutcome)
                        .thenApply(NodeNumbering::numberOf);
    }

    private static int numberOf(Outcome outcome) {
        return switch (outcome) {
            case Outcome.NodeNumber(int number) -> number;
            case Outcome.CommandRejected _,
                    Outcome.Block _,
                    Outcome.TopicReady _,
                    Outcome.ProducerIds _,
                    Outcome.GroupClaim _,
                    Outcome.Rows _,
                    Outcome.Completed _ ->
                    throw new IllegalStateException("not a number: " + outcome);
        };
    }
}
