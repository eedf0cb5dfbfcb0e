package io.millrace.metadata.admin;

import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.error.ProblemException;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Raises the feature level of the cluster on request. Called on the metadata's loop, where futures
 * complete. Every failure is a {@link ProblemException} in the future.
 */
public final class ClusterUpgrade {

    private final MetadataReplica metadata;
    private final Supplier<List<RegisteredNode>> members;

    /**
     * The feature level before and after a request.
     *
     * @param after the level in force, or, of a dry run, the level that the request would set
     */
    public record LevelChange(int before, int after) {}

    /**
     * @param members the live nodes with this node
     */
    public ClusterUpgrade(MetadataReplica metadata, Supplier<List<RegisteredNode>> members) {
        this.metadata = metadata;
        this.members = members;
    }

    /**
     * Raises the level: FEATURE_LEVEL_TOO_LOW if a node does not support the level,
     * MALFORMED_REQUEST if it is below the level in force.
     *
     * @param wanted the level; empty for the highest that all nodes support
     * @param dryRun whether the request only reports what it would do
     */
    public CompletableFuture<LevelChange> run(OptionalInt wanted, boolean dryRun) {
        return metadata.barrier().thenCompose(current -> decide(wanted, dryRun));
    }

    private CompletableFuture<LevelChange> decide(OptionalInt wanted, boolean dryRun) {
        int before = metadata.featureLevel();
        return switch (LevelDecision.of(
                before, wanted, members.get(), metadata.openIncarnations())) {
            case LevelDecision.Unchanged() ->
                    CompletableFuture.completedFuture(new LevelChange(before, before));
            case LevelDecision.Refused(var problem) ->
                    CompletableFuture.failedFuture(new ProblemException(problem));
            case LevelDecision.Raise(int level) ->
                    dryRun
                            ? CompletableFuture.completedFuture(new LevelChange(before, level))
                            : metadata.propose(
                                            new Command.FeatureLevelRaised(level),
                                            Metadata.Priority.BACKGROUND)
                                    .thenApply(Proposal::acceptedOutcome)
                                    .thenApply(raised -> new LevelChange(before, level));
        };
    }
}
