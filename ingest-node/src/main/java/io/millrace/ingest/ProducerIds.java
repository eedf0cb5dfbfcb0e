package io.millrace.ingest;

import io.millrace.ingest.block.ProduceProblems;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/**
 * Allocates producer ids from ranges reserved through the log; a restart loses the rest of a range.
 * Owned by the node's event loop.
 */
final class ProducerIds {

    private static final int RANGE = 1000;

    private final Metadata metadata;
    private final EventLoop loop;
    private final ArrayDeque<CompletableFuture<ProducerIdRange>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private boolean proposalInFlight;

    ProducerIds(Metadata metadata, EventLoop loop) {
        this.metadata = metadata;
        this.loop = loop;
    }

    CompletableFuture<ProducerIdRange> allocate() {
        if (next < end) {
            return CompletableFuture.completedFuture(new ProducerIdRange(next++, (short) 0));
        }
        CompletableFuture<ProducerIdRange> lease = new CompletableFuture<>();
        waiting.add(lease);
        proposeRange();
        return lease;
    }

    private void proposeRange() {
        if (proposalInFlight) {
            return;
        }
        proposalInFlight = true;
        var unused =
                metadata.propose(
                                new Command.ProducerIdsAllocated(RANGE, metadata.generation()),
                                Metadata.Priority.BACKGROUND)
                        .thenAccept(
                                proposal -> loop.runNowOrLater(() -> proposalCompleted(proposal)));
    }

    private void proposalCompleted(Proposal proposal) {
        proposalInFlight = false;
        switch (proposal) {
            case Proposal.Applied(Outcome.ProducerIds(var first, var count), _) -> {
                next = first;
                end = first + count;
                completeWaiting();
            }
            case Proposal.Applied(Outcome.CommandRejected(var problem), _) -> reject(problem);
            case Proposal.NotApplied(var problem) -> reject(problem);
            // The next range is different, even if this range was reserved after all.
            case Proposal.Unknown(var problem) -> reject(problem);
            case Proposal.Applied(var other, _) ->
                    reject(ProduceProblems.internal("The allocation of a producer id"));
        }
    }

    private void completeWaiting() {
        while (next < end && !waiting.isEmpty()) {
            waiting.remove().complete(new ProducerIdRange(next++, (short) 0));
        }
        if (!waiting.isEmpty()) {
            proposeRange();
        }
    }

    private void reject(Problem problem) {
        for (int i = waiting.size(); i > 0; i--) {
            waiting.remove().completeExceptionally(new ProblemException(problem));
        }
    }
}
