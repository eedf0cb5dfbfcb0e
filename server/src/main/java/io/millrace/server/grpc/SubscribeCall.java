package io.millrace.server.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.fetch.subscribe.Outlet;
import io.millrace.fetch.subscribe.Subscriber;
import io.millrace.fetch.subscribe.ToClient;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.SubscribeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One Subscribe call. Owned by the metadata's loop. Batches go out while the transport has sent
 * what went before, and count until then against the budget that all readers share. A client that
 * takes no answers is not read on either, after a while. Made in the context of the call.
 */
final class SubscribeCall extends ServerCall.Listener<Decoded<SubscribeRequest>> implements Outlet {

    /** Requests that may arrive before those in front of them are looked at. */
    private static final int REQUESTS_AHEAD = 16;

    /** Requests that are read while their answers are not taken. */
    private static final int MOST_UNTAKEN = 1000;

    private static final Problem NOT_READING =
            new Problem(
                    Reason.OVERLOADED,
                    "This connection does not read what it has credit for, and others wait: read"
                            + " it, or grant less.");

    private static final Problem HALF_CLOSED =
            new Problem(
                    Reason.MALFORMED_REQUEST,
                    "The client closed its side of the stream without Leave; it is a member until"
                            + " its session times out. Leave first.");

    private final ServerCall<Decoded<SubscribeRequest>, SubscribeAnswer> call;
    private final SubscriptionService service;
    private final Context context = Context.current();
    private final List<OutboundBudget.Answer> untaken = new ArrayList<>();
    private OutboundBudget.@Nullable Waiter waitingForRoom;
    private @Nullable Subscriber subscriber;
    private int read;
    private int held;
    private boolean left;
    private boolean ended;

    SubscribeCall(
            ServerCall<Decoded<SubscribeRequest>, SubscribeAnswer> call,
            SubscriptionService service) {
        this.call = call;
        this.service = service;
        service.loop()
                .run(() -> {
                    call.sendHeaders(new Metadata());
                    call.request(REQUESTS_AHEAD);
                });
    }

    @Override
    public void onMessage(Decoded<SubscribeRequest> request) {
        // Whatever overtakes a heartbeat says as well that the client is there.
        if (request instanceof Decoded.Message<SubscribeRequest>(var message)
                && message.hasHeartbeat()) {
            service.heartbeats().add(() -> receive(request));
        } else {
            service.loop().run(() -> receive(request));
        }
    }

    private void receive(Decoded<SubscribeRequest> request) {
        if (!ended) {
            accept(request);
            readOn();
        }
    }

    @Override
    public void onReady() {
        service.loop()
                .run(() -> {
                    taken();
                    if (subscriber != null && !ended) {
                        subscriber.hasRoom();
                    }
                });
    }

    @Override
    public void onHalfClose() {
        service.loop()
                .run(() -> {
                    if (!ended && subscriber == null) {
                        end(
                                Optional.of(
                                        GrpcErrors.malformed(
                                                "SubscribeRequest", "there is none.")));
                    } else if (!left) {
                        fail(HALF_CLOSED);
                    }
                });
    }

    @Override
    public void onComplete() {
        service.loop().run(this::gone);
    }

    @Override
    public void onCancel() {
        service.loop().run(this::gone);
    }

    private void accept(Decoded<SubscribeRequest> request) {
        try {
            switch (request) {
                case Decoded.Malformed<SubscribeRequest>(var problem) -> fail(problem);
                case Decoded.Message<SubscribeRequest>(var message) -> {
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

    private void readOn() {
        if (call.isReady()) {
            read = 0;
        }
        if (++read <= MOST_UNTAKEN) {
            call.request(1);
        } else {
            held++;
        }
    }

    /** The transport has sent what it was given. */
    private void taken() {
        List.copyOf(untaken).forEach(OutboundBudget.Answer::gone);
        untaken.clear();
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
        taken();
        if (service.budget().hasRoom()) {
            return service.budget().largestAnswerBytes();
        }
        if (waitingForRoom == null) {
            waitingForRoom =
                    new OutboundBudget.Waiter(
                            ConnectionIds.of(call), this::roomAgain, () -> fail(NOT_READING));
            service.budget().whenRoom(waitingForRoom);
        }
        return 0;
    }

    private void roomAgain() {
        waitingForRoom = null;
        if (subscriber != null && !ended) {
            subscriber.hasRoom();
        }
    }

    @Override
    public void send(ToClient message) {
        if (ended) {
            return;
        }
        SubscribeAnswer answer = SubscribeAnswer.of(message);
        if (message instanceof ToClient.Batches) {
            untaken.add(
                    service.budget()
                            .take(ConnectionIds.of(call), answer.sizeBytes(), this::cutOff));
        }
        call.sendMessage(answer);
    }

    /** Resets the stream, so that the transport lets go of what it holds. */
    private void cutOff() {
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(new TimeoutException("batches were not read while others waited"));
        }
    }

    @Override
    public void end(Optional<Problem> problem) {
        if (ended) {
            return;
        }
        ended = true;
        forget();
        problem.ifPresentOrElse(
                why -> GrpcErrors.close(call, why), () -> call.close(Status.OK, new Metadata()));
    }

    private void forget() {
        if (waitingForRoom != null) {
            service.budget().forget(waitingForRoom);
            waitingForRoom = null;
        }
        if (subscriber != null) {
            service.ended(subscriber);
        }
    }

    /** The call is over, by whomever: what it holds in the transport is let go of. */
    private void gone() {
        taken();
        ended = true;
        forget();
        if (subscriber != null) {
            subscriber.disconnected();
        }
    }
}
