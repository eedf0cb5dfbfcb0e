package io.millrace.server.grpc.call;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;

/**
 * A call whose events are handled on a loop. An unexpected exception of a handler is logged and
 * ends the call, and only this call. Owned by the loop.
 */
public abstract class LoopCall<Q, A> extends ServerCall.Listener<DecodedRequest<Q>> {

    protected final ServerCall<DecodedRequest<Q>, A> call;
    private final EventLoop loop;
    private boolean received;
    private boolean ended;

    protected LoopCall(ServerCall<DecodedRequest<Q>, A> call, EventLoop loop) {
        this.call = call;
        this.loop = loop;
    }

    /** Handles a message. Not called after the end of the call. */
    protected abstract void receive(Q message);

    /** Called when the client has closed its side. */
    protected void halfClosed() {
        if (!received) {
            fail(
                    GrpcErrors.malformed(
                            call.getMethodDescriptor().getBareMethodName() + " request",
                            "the message is missing."));
        }
    }

    /** Called when the transport has sent everything written so far. */
    protected void ready() {}

    /** Called after the end of the call, by either side, to release resources. */
    protected void closed() {}

    /** Ends the call with the problem, unless ended before. */
    protected void fail(Problem problem) {
        close(problem);
    }

    @Override
    public void onMessage(DecodedRequest<Q> request) {
        loop.runNowOrLater(() -> handle(request));
    }

    @Override
    public final void onHalfClose() {
        run(this::halfClosed);
    }

    @Override
    public final void onReady() {
        run(this::ready);
    }

    @Override
    public final void onComplete() {
        onClosed();
    }

    @Override
    public final void onCancel() {
        onClosed();
    }

    private void onClosed() {
        run(() -> {
            ended = true;
            closed();
        });
    }

    /** Handles a message, on the loop. */
    protected final void handle(DecodedRequest<Q> request) {
        guard(() -> {
            if (ended) {
                return;
            }
            received = true;
            switch (request) {
                case DecodedRequest.Malformed<Q>(var problem) -> fail(problem);
                case DecodedRequest.Message<Q>(var message) -> receive(message);
            }
        });
    }

    /** Runs the task on the loop. An exception of the task ends the call. */
    protected final void run(Runnable task) {
        loop.runNowOrLater(() -> guard(task));
    }

    protected final boolean inLoop() {
        return loop.inLoop();
    }

    protected final boolean hasEnded() {
        return ended;
    }

    protected final void succeed() {
        if (!ended) {
            ended = true;
            call.close(Status.OK, new Metadata());
        }
    }

    protected final void close(Problem problem) {
        if (!ended) {
            ended = true;
            GrpcErrors.close(call, problem);
        }
    }

    private void guard(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            Problem problem =
                    GrpcErrors.problemOf(failure, call.getMethodDescriptor().getFullMethodName());
            try {
                fail(problem);
            } finally {
                close(problem);
            }
        }
    }
}
