package io.millrace.metadata.replica;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A pending command and the future of its caller. Owned by the replica's event loop. */
final class PendingProposal {

    final Command command;
    final CompletableFuture<Proposal> future = new CompletableFuture<>();
    Priority lane = Priority.BACKGROUND;
    EventLoop.@Nullable Timer deadline;

    PendingProposal(Command command) {
        this.command = command;
    }

    void complete(Proposal proposal) {
        if (deadline != null) {
            deadline.cancel();
        }
        future.complete(proposal);
    }
}
