package io.millrace.client.connection;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.millrace.client.error.MillraceException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The responses of a streaming call, pulled by a single blocking thread. Buffers at most 2
 * messages.
 */
public final class MessageStream<Q, A> implements AutoCloseable {

    private static final int PREFETCH_MESSAGES = 2;

    private sealed interface Event<A> {
        record Message<A>(A message) implements Event<A> {}

        record End<A>(@Nullable MillraceException failure) implements Event<A> {}
    }

    private final ClientCall<Q, A> call;
    private final BlockingQueue<Event<A>> events = new LinkedBlockingQueue<>();

    public MessageStream(Connection connection, MethodDescriptor<Q, A> method, Q request) {
        call = connection.channel().newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<A>() {
                    @Override
                    public void onMessage(A message) {
                        events.add(new Event.Message<>(message));
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        events.add(
                                new Event.End<>(
                                        status.isOk()
                                                ? null
                                                : CallFailures.ofCall(
                                                        connection.address(), status, trailers)));
                    }
                },
                new Metadata());
        call.sendMessage(request);
        call.halfClose();
        call.request(PREFETCH_MESSAGES);
    }

    /**
     * Waits for the next message.
     *
     * @return the message; empty after the last message
     * @throws MillraceException if the call failed
     */
    public Optional<A> next() {
        return switch (take()) {
            case Event.Message<A>(var message) -> {
                call.request(1);
                yield Optional.of(message);
            }
            case Event.End<A>(var failure) -> {
                if (failure != null) {
                    throw failure.copy();
                }
                yield Optional.empty();
            }
        };
    }

    private Event<A> take() {
        try {
            return events.take();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MillraceException.Closed("The request was interrupted.");
        }
    }

    @Override
    public void close() {
        call.cancel("The call was cancelled by the client", null);
    }
}
