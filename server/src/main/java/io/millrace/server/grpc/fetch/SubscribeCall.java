package io.millrace.server.grpc.fetch;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.fetch.subscribe.Subscriber;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.fetch.subscribe.SubscriberStream;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.GrpcErrors;
import io.millrace.server.grpc.flow.OutboundBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A Subscribe call. The next batches are sent once the transport has sent the previous batches,
 * which until then count against the budget shared by all readers. Created in the context of the
 * call. Owned by the metadata's loop.
 */
final class SubscribeCall extends ServerCall.Listener<DecodedRequest<SubscribeRequest>>
        implements SubscriberStream {

    /** Maximum number of requests received before earlier requests are handled. */
    private static final int REQUESTS_AHEAD = 16;

    /** Maximum number of requests read while the client does not read the responses. */
    private static final int MAX_UNREAD = 1000;

    private static final Problem NOT_READING =
            new Problem(
                    Reason.OVERLOADED,
                    "This connection does not read the batches it has credit for while other"
                            + " readers wait for memory: read faster, or grant less credit.");

    private static final Problem HALF_CLOSED =
            new Problem(
                    Reason.MALFORMED_REQUEST,
                    "The client closed its side of the stream without Leave and stays a member"
                            + " until its session times out: send Leave first.");

    private final ServerCall<DecodedRequest<SubscribeRequest>, SubscribeResponseWriter> call;
    private final SubscriptionService service;
    private final Context context = Context.current();
    private final List<OutboundBudget.UnreadResponse> unread = new ArrayList<>();
    private OutboundBudget.@Nullable WaitingFetch waitingForRoom;
    private @Nullable Subscriber subscriber;
    private int read;
    private int held;
    private boolean left;
    private boolean ended;

    SubscribeCall(
            ServerCall<DecodedRequest<SubscribeRequest>, SubscribeResponseWriter> call,
            SubscriptionService service) {
        this.call = call;
        this.service = service;
        service.loop()
                .runNowOrLater(() -> {
                    call.sendHeaders(new Metadata());
                    call.request(REQUESTS_AHEAD);
                });
    }

    @Override
    public void onMessage(DecodedRequest<SubscribeRequest> request) {
        // Delayed heartbeats may be overtaken, which is harmless: every request shows that the
        // client is alive.
        if (request instanceof DecodedRequest.Message<SubscribeRequest>(var message)
                && message.hasHeartbeat()) {
            service.heartbeats().add(() -> receive(request));
        } else {
            service.loop().runNowOrLater(() -> receive(request));
        }
    }

    private void receive(DecodedRequest<SubscribeRequest> request) {
        if (!ended) {
            accept(request);
            requestNext();
        }
    }

    @Override
    public void onReady() {
        service.loop()
                .runNowOrLater(() -> {
                    releaseSent();
                    if (subscriber != null && !ended) {
                        subscriber.hasRoom();
                    }
                });
    }

    @Override
    public void onHalfClose() {
        service.loop()
                .runNowOrLater(() -> {
                    if (!ended && subscriber == null) {
                        end(
                                Optional.of(
                                        GrpcErrors.malformed(
                                                "SubscribeRequest", "the message is missing.")));
                    } else if (!left) {
                        fail(HALF_CLOSED);
                    }
                });
    }

    @Override
    public void onComplete() {
        service.loop().runNowOrLater(this::onClosed);
    }

    @Override
    public void onCancel() {
        service.loop().runNowOrLater(this::onClosed);
    }

    private void accept(DecodedRequest<SubscribeRequest> request) {
        try {
            switch (request) {
                case DecodedRequest.Malformed<SubscribeRequest>(var problem) -> fail(problem);
                case DecodedRequest.Message<SubscribeRequest>(var message) -> {
                    if (subscriber == null) {
                        subscriber = service.open(SubscribeDecoder.opening(message), this);
                    } else {
                        left |= message.hasLeave();
                        subscriber.accept(SubscribeDecoder.message(message));
                    }
                }
            }
        } catch (ProblemException malformed) {
            fail(malformed.problem());
        } catch (RuntimeException failure) {
            fail(GrpcErrors.problemOf(failure, call.getMethodDescriptor().getFullMethodName()));
        }
    }

    private void fail(Problem problem) {
        if (subscriber != null) {
            subscriber.end(problem);
        } else {
            end(Optional.of(problem));
        }
    }

    private void requestNext() {
        if (call.isReady()) {
            read = 0;
        }
        if (++read <= MAX_UNREAD) {
            call.request(1);
        } else {
            held++;
        }
    }

    /** Called when the transport has sent everything written so far. */
    private void releaseSent() {
        List.copyOf(unread).forEach(OutboundBudget.UnreadResponse::releaseBytes);
        unread.clear();
        read = 0;
        if (held > 0 && !ended) {
            call.request(held);
            held = 0;
        }
    }

    @Override
    public int roomBytes() {
        if (ended || !call.isReady()) {
            return 0;
        }
        releaseSent();
        if (service.budget().hasRoom()) {
            return service.budget().maxResponseBytes();
        }
        if (waitingForRoom == null) {
            waitingForRoom =
                    new OutboundBudget.WaitingFetch(
                            ConnectionIds.of(call), this::onRoomAvailable, () -> fail(NOT_READING));
            service.budget().runWhenRoom(waitingForRoom);
        }
        return 0;
    }

    private void onRoomAvailable() {
        waitingForRoom = null;
        if (subscriber != null && !ended) {
            subscriber.hasRoom();
        }
    }

    @Override
    public void send(SubscriberResponse message) {
        if (ended) {
            return;
        }
        SubscribeResponseWriter answer = SubscribeResponseWriter.of(message);
        if (message instanceof SubscriberResponse.Batches) {
            unread.add(
                    service.budget().add(ConnectionIds.of(call), answer.sizeBytes(), this::cutOff));
        }
        call.sendMessage(answer);
    }

    /** Resets the stream, so that the transport releases the buffers. */
    private void cutOff() {
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(
                    new TimeoutException("batches were not read while other readers waited"));
        }
    }

    @Override
    public void end(Optional<Problem> problem) {
        if (ended) {
            return;
        }
        ended = true;
        releaseBudget();
        problem.ifPresentOrElse(
                why -> GrpcErrors.close(call, why), () -> call.close(Status.OK, new Metadata()));
    }

    private void releaseBudget() {
        if (waitingForRoom != null) {
            service.budget().cancel(waitingForRoom);
            waitingForRoom = null;
        }
        if (subscriber != null) {
            service.onEnded(subscriber);
        }
    }

    /** Called when either side has ended the call. Releases the budget of unsent batches. */
    private void onClosed() {
        releaseSent();
        ended = true;
        releaseBudget();
        if (subscriber != null) {
            subscriber.disconnected();
        }
    }
}
