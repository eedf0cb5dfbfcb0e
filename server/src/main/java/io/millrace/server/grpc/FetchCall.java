package io.millrace.server.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.Loop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One Fetch call. Owned by the fetch node's loop. Its answer counts against the budget until the
 * reader has taken it or is cut off; an answer for which there is no room is let go and looked up
 * again later. Made in the context of the call.
 */
final class FetchCall extends ServerCall.Listener<Decoded<FetchQuery>> {

    private static final Problem NOT_READING =
            new Problem(
                    Reason.OVERLOADED,
                    "This connection does not read the answers that it asked for, and others wait:"
                            + " read them, or fetch less.");

    private final ServerCall<Decoded<FetchQuery>, FetchAnswer> call;
    private final FetchNode fetch;
    private final Loop loop;
    private final OutboundBudget budget;
    private final Context context = Context.current();
    private @Nullable CompletableFuture<FetchResult> answer;
    private OutboundBudget.@Nullable Answer untaken;
    private OutboundBudget.@Nullable Waiter waitingForRoom;
    private boolean begun;
    private boolean ended;

    FetchCall(
            ServerCall<Decoded<FetchQuery>, FetchAnswer> call,
            FetchNode fetch,
            Loop loop,
            OutboundBudget budget) {
        this.call = call;
        this.fetch = fetch;
        this.loop = loop;
        this.budget = budget;
        call.request(2);
    }

    @Override
    public void onMessage(Decoded<FetchQuery> request) {
        loop.run(() -> {
            if (begun) {
                return;
            }
            begun = true;
            switch (request) {
                case Decoded.Malformed<FetchQuery>(var problem) -> fail(problem);
                case Decoded.Message<FetchQuery>(var query) -> lookWhenThereIsRoom(query);
            }
        });
    }

    @Override
    public void onHalfClose() {
        loop.run(() -> {
            if (!begun) {
                fail(GrpcErrors.malformed("FetchRequest", "there is none."));
            }
        });
    }

    @Override
    public void onComplete() {
        loop.run(this::release);
    }

    @Override
    public void onCancel() {
        loop.run(() -> {
            ended = true;
            release();
            if (waitingForRoom != null) {
                budget.forget(waitingForRoom);
            }
            if (answer != null) {
                answer.cancel(false);
            }
        });
    }

    private void lookWhenThereIsRoom(FetchQuery query) {
        OutboundBudget.Waiter waiter =
                new OutboundBudget.Waiter(
                        ConnectionIds.of(call), () -> look(query), () -> fail(NOT_READING));
        waitingForRoom = waiter;
        budget.whenRoom(waiter);
    }

    private void look(FetchQuery query) {
        if (ended) {
            return;
        }
        int most = Math.min(query.maxBytes(), budget.largestAnswerBytes());
        FetchQuery bounded =
                query.maxBytes() <= most
                        ? query
                        : new FetchQuery(
                                query.partitions(),
                                query.maxWait(),
                                Math.min(query.minBytes(), most),
                                most);
        CompletableFuture<FetchResult> looked;
        try {
            looked = fetch.fetch(bounded);
        } catch (RuntimeException failure) {
            looked = CompletableFuture.failedFuture(failure);
        }
        answer = looked;
        looked.whenComplete((result, failure) -> loop.run(() -> found(query, result, failure)));
    }

    private void found(
            FetchQuery query, @Nullable FetchResult result, @Nullable Throwable failure) {
        answer = null;
        if (ended) {
            return;
        }
        if (result == null) {
            Throwable cause = failure == null ? new IllegalStateException("no answer") : failure;
            fail(GrpcErrors.problemOf(cause, call.getMethodDescriptor().getFullMethodName()));
        } else if (budget.hasRoom()) {
            send(FetchAnswer.of(result));
        } else {
            lookWhenThereIsRoom(query);
        }
    }

    private void send(FetchAnswer found) {
        ended = true;
        untaken = budget.take(ConnectionIds.of(call), found.sizeBytes(), this::cutOff);
        call.sendHeaders(new Metadata());
        call.sendMessage(found);
        call.close(Status.OK, new Metadata());
    }

    private void release() {
        if (untaken != null) {
            untaken.gone();
        }
    }

    /** Resets the stream: what is closed already can be let go of in no other way. */
    private void cutOff() {
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(new TimeoutException("the answer was not read while others waited"));
        }
    }

    private void fail(Problem problem) {
        if (!ended) {
            ended = true;
            GrpcErrors.close(call, problem);
        }
    }
}
