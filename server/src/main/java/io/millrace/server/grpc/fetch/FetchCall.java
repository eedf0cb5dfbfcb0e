package io.millrace.server.grpc.fetch;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.call.LoopCall;
import io.millrace.server.grpc.flow.OutboundBudget;
import io.millrace.server.grpc.flow.PeerAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A Fetch call. A response counts against the budget until the reader has received it or is cut
 * off. A result without room in the budget is dropped and looked up again. Created in the context
 * of the call. Owned by the fetch node's loop.
 */
final class FetchCall extends LoopCall<FetchQuery, FetchResponseWriter> {

    private static final Problem NOT_READING =
            new Problem(
                    Reason.OVERLOADED,
                    "This connection does not read its responses while other readers wait for"
                            + " memory: read faster, or fetch less.");

    private final FetchNode fetch;
    private final OutboundBudget budget;
    private final Context context = Context.current();
    private final CallRights rights;
    private final ReadableFetch readable;
    private @Nullable CompletableFuture<FetchResult> pendingResult;
    private OutboundBudget.@Nullable UnreadResponse unread;
    private OutboundBudget.@Nullable WaitingFetch waitingForRoom;
    private boolean begun;

    FetchCall(
            ServerCall<DecodedRequest<FetchQuery>, FetchResponseWriter> call,
            FetchNode fetch,
            EventLoop loop,
            OutboundBudget budget) {
        super(call, loop);
        this.fetch = fetch;
        this.budget = budget;
        this.rights = CallRights.of(call);
        this.readable = new ReadableFetch(rights);
        call.request(2);
    }

    @Override
    protected void receive(FetchQuery query) {
        if (!begun) {
            begun = true;
            fetchWhenRoom(query);
        }
    }

    @Override
    protected void closed() {
        if (unread != null) {
            unread.releaseBytes();
        }
        if (waitingForRoom != null) {
            budget.cancel(waitingForRoom);
        }
        if (pendingResult != null) {
            pendingResult.cancel(false);
        }
    }

    private void fetchWhenRoom(FetchQuery query) {
        OutboundBudget.WaitingFetch waiter =
                new OutboundBudget.WaitingFetch(
                        ConnectionIds.of(call), () -> startFetch(query), () -> fail(NOT_READING));
        waitingForRoom = waiter;
        budget.runWhenRoom(waiter);
    }

    private void startFetch(FetchQuery query) {
        if (hasEnded()) {
            return;
        }
        int max = Math.min(query.maxBytes(), budget.maxResponseBytes());
        FetchQuery bounded =
                query.maxBytes() <= max
                        ? query
                        : new FetchQuery(
                                query.partitions(),
                                query.maxWait(),
                                Math.min(query.minBytes(), max),
                                max,
                                query.source());
        CompletableFuture<FetchResult> checked;
        try {
            checked = fetch.fetch(readable.readablePartOf(bounded), PeerAddress.of(call));
        } catch (RuntimeException failure) {
            checked = CompletableFuture.failedFuture(failure);
        }
        pendingResult = checked;
        checked.whenComplete((result, failure) -> run(() -> onResult(query, result, failure)));
    }

    private void onResult(
            FetchQuery query, @Nullable FetchResult result, @Nullable Throwable failure) {
        pendingResult = null;
        if (hasEnded()) {
            return;
        }
        if (result == null) {
            Throwable cause = failure == null ? new IllegalStateException("no answer") : failure;
            fail(GrpcErrors.problemOf(cause, call.getMethodDescriptor().getFullMethodName()));
        } else if (budget.hasRoom()) {
            send(FetchResponseWriter.of(readable.complete(query, result)));
        } else {
            fetchWhenRoom(query);
        }
    }

    private void send(FetchResponseWriter found) {
        unread = budget.add(ConnectionIds.of(call), found.sizeBytes(), this::cutOff);
        rights.sent(found.sizeBytes());
        call.sendHeaders(new Metadata());
        call.sendMessage(found);
        succeed();
    }

    /** Resets the stream; the transport keeps the buffers of a closed call until then. */
    private void cutOff() {
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(
                    new TimeoutException("the response was not read while other readers waited"));
        }
    }
}
