package io.millrace.client.subscription;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.millrace.client.connection.CallFailures;
import io.millrace.client.connection.Connection;
import io.millrace.client.error.MillraceException;
import io.millrace.client.producer.ProduceStream;
import io.millrace.client.record.AliasedResponses;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.SubscribeResponse;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A subscribe stream from opening to end. Received messages in memory are bounded by the granted
 * credit. Owner: the I/O thread, which also calls the {@link Owner}.
 */
final class SubscriptionStream {

    interface Owner {
        void received(SubscriptionStream call, SubscribeResponse response);

        /**
         * @param failure the failure; null if the node ended the stream normally
         */
        void ended(SubscriptionStream call, @Nullable MillraceException failure);
    }

    private static final int REQUESTED_MESSAGES = 1024;

    private final Connection connection;
    private final Owner owner;
    private final Executor loop;
    private final ClientCall<SubscribeRequest, SubscribeResponse> call;
    private int messagesUntilNextRequest = REQUESTED_MESSAGES;
    private boolean cancelled;
    private boolean ended;

    /**
     * @param loop an executor that runs tasks on the I/O thread, at once if called there
     */
    SubscriptionStream(Connection connection, Owner owner, Executor loop) {
        this.connection = connection;
        this.owner = owner;
        this.loop = loop;
        this.call = connection.channel().newCall(AliasedResponses.SUBSCRIBE, CallOptions.DEFAULT);
    }

    Connection connection() {
        return connection;
    }

    void open(SubscribeRequest first) {
        call.start(new Listener(), new Metadata());
        call.request(REQUESTED_MESSAGES);
        send(first);
    }

    /** Sends a request, unless the stream was cancelled or has ended. */
    void send(SubscribeRequest request) {
        if (!ended && !cancelled) {
            call.sendMessage(request);
        }
    }

    /** Cancels the stream; the owner is notified as of any other end. */
    void cancel(String why) {
        if (!ended) {
            cancelled = true;
            call.cancel(why, null);
        }
    }

    private void take(SubscribeResponse response) {
        if (!ended) {
            if (--messagesUntilNextRequest == 0) {
                messagesUntilNextRequest = REQUESTED_MESSAGES / 2;
                call.request(REQUESTED_MESSAGES / 2);
            }
            owner.received(this, response);
        }
    }

    private void end(Status status, Metadata trailers) {
        if (!ended) {
            ended = true;
            if (CallFailures.isExpired(status, trailers)) {
                connection.reconnect();
            }
            owner.ended(this, status.isOk() ? null : failure(status, trailers));
        }
    }

    private MillraceException failure(Status status, Metadata trailers) {
        String address = connection.address();
        boolean isOfTheServer = CallFailures.problemOf(status, trailers).isPresent();
        return isOfTheServer || !ProduceStream.isRetriable(status)
                ? CallFailures.ofCall(address, status, trailers)
                : new MillraceException.Unreachable(
                        CallFailures.unreachable(address, status), status.getCause());
    }

    private final class Listener extends ClientCall.Listener<SubscribeResponse> {
        @Override
        public void onMessage(SubscribeResponse message) {
            loop.execute(() -> take(message));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> end(status, trailers));
        }
    }
}
