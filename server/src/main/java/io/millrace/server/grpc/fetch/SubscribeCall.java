package io.millrace.server.grpc.fetch;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.millrace.fetch.subscribe.Subscriber;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.fetch.subscribe.SubscriberStream;
import io.millrace.fetch.subscribe.SubscriptionRequest;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.server.grpc.access.CallRights;
import io.millrace.server.grpc.auth.CallerContext;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.LoopCall;
import io.millrace.server.grpc.flow.OutboundBudget;
import io.millrace.server.grpc.flow.PeerAddress;
import java.time.Duration;
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
final class SubscribeCall extends LoopCall<SubscribeRequest, SubscribeResponseWriter>
        implements SubscriberStream {

    /** Maximum number of requests received before earlier requests are handled. */
    private static final int REQUESTS_AHEAD = 16;

    /** Maximum number of requests read while the client does not read the responses. */
    private static final int MAX_UNREAD = 1000;

    private static final Duration MAX_QUOTA_WAIT = Duration.ofSeconds(1);

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

    private final SubscriptionService service;
    private final Context context = Context.current();
    private final CallRights rights;
    private final SubscriptionRights subscriptionRights;
    private final List<OutboundBudget.UnreadResponse> unread = new ArrayList<>();
    private OutboundBudget.@Nullable WaitingFetch waitingForRoom;
    private @Nullable Subscriber subscriber;
    private boolean waitsForQuota;
    private int read;
    private int held;
    private boolean left;

    SubscribeCall(
            ServerCall<DecodedRequest<SubscribeRequest>, SubscribeResponseWriter> call,
            SubscriptionService service) {
        super(call, service.loop());
        this.service = service;
        this.rights = CallRights.of(call);
        this.subscriptionRights = new SubscriptionRights(rights);
        run(() -> {
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
            service.heartbeats().add(() -> handle(request));
        } else {
            super.onMessage(request);
        }
    }

    @Override
    protected void receive(SubscribeRequest message) {
        if (subscriber == null) {
            SubscriptionRequest opening = SubscribeDecoder.opening(message, CallerContext.of(call));
            subscriber = service.open(opening, subscriptionRights, this);
        } else {
            Optional<Problem> refusal = subscriptionRights.groupRefusal();
            if (refusal.isPresent()) {
                fail(refusal.get());
                return;
            }
            left |= message.hasLeave();
            subscriber.accept(SubscribeDecoder.message(message));
        }
        requestNext();
    }

    @Override
    protected void ready() {
        releaseSent();
        if (subscriber != null && !hasEnded()) {
            subscriber.hasRoom();
        }
    }

    @Override
    protected void halfClosed() {
        if (!hasEnded() && subscriber == null) {
            super.halfClosed();
        } else if (!left) {
            fail(HALF_CLOSED);
        }
    }

    @Override
    protected void fail(Problem problem) {
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
        if (held > 0 && !hasEnded()) {
            call.request(held);
            held = 0;
        }
    }

    @Override
    public Object peer() {
        return PeerAddress.of(call);
    }

    @Override
    public int roomBytes() {
        if (hasEnded() || !call.isReady()) {
            return 0;
        }
        releaseSent();
        long delayNanos = rights.delayNanos(QuotaKind.BYTES_OUT);
        if (delayNanos > 0) {
            waitForQuota(delayNanos);
            return 0;
        }
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

    /** Waits in pieces, so that a change of the quota takes effect soon. */
    private void waitForQuota(long delayNanos) {
        if (waitsForQuota) {
            return;
        }
        waitsForQuota = true;
        long pieceNanos = Math.min(delayNanos, MAX_QUOTA_WAIT.toNanos());
        rights.delayed(QuotaKind.BYTES_OUT, pieceNanos);
        service.loop()
                .schedule(
                        Duration.ofNanos(pieceNanos),
                        () -> {
                            waitsForQuota = false;
                            notifyOfRoom();
                        });
    }

    private void onRoomAvailable() {
        waitingForRoom = null;
        notifyOfRoom();
    }

    private void notifyOfRoom() {
        if (subscriber != null && !hasEnded()) {
            subscriber.hasRoom();
        }
    }

    @Override
    public void send(SubscriberResponse message) {
        if (hasEnded()) {
            return;
        }
        SubscribeResponseWriter answer = SubscribeResponseWriter.of(message);
        if (message instanceof SubscriberResponse.Batches) {
            rights.sent(answer.sizeBytes());
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
        if (!hasEnded()) {
            releaseBudget();
            problem.ifPresentOrElse(this::close, this::succeed);
        }
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

    /** Releases the budget of unsent batches. */
    @Override
    protected void closed() {
        releaseSent();
        releaseBudget();
        if (subscriber != null) {
            subscriber.disconnected();
        }
    }
}
