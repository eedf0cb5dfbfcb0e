package io.millrace.kafka.connection;

import io.millrace.kafka.wire.ByteBufReadable;
import io.millrace.kafka.wire.FrameAssembler;
import io.millrace.kafka.wire.MalformedFrameException;
import io.millrace.kafka.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a connection, from their bytes to the written answers. Requests run side by side
 * and are answered in their order. At a limit, the connection is not read. Bytes that are not a
 * request close the connection. Owned by the connection's event loop.
 */
final class ConnectionRequests {

    private static final Logger LOG = Logger.getLogger(ConnectionRequests.class);

    /** Approximate memory of a decoded field: an object with its references and its text. */
    private static final int FIELD_BYTES = 64;

    /** Requests with fewer fields are bounded by their number. */
    private static final int MIN_COUNTED_FIELDS = 1_000;

    private final ChannelHandlerContext channel;
    private final ListenerContext listener;
    private final ClientConnection connection;
    private final FrameAssembler frames;
    private final ReceivedBytes received;
    private final RequestThrottle throttle;
    private final RequestExecution execution;
    private final AnswerQueue answers;
    private boolean closed;
    private boolean dispatching;
    private boolean writeScheduled;

    ConnectionRequests(
            ChannelHandlerContext channel, ListenerContext listener, ClientConnection connection) {
        this.channel = channel;
        this.listener = listener;
        this.connection = connection;
        this.frames =
                new FrameAssembler(
                        channel.alloc(), listener.limits().frames().unauthenticatedBytes());
        this.received =
                new ReceivedBytes(listener.inbound().open(new Sender()), listener.metrics());
        this.throttle =
                new RequestThrottle(
                        listener.quotas(),
                        listener.metrics(),
                        channel.executor(),
                        this::dispatchFrames);
        this.execution =
                new RequestExecution(listener, connection, channel.executor(), this::completed);
        this.answers = new AnswerQueue(listener.metrics());
    }

    /** Continues on the event loop of the connection. */
    private final class Sender implements InboundBytes.Sender {

        @Override
        public void changed() {
            channel.executor().execute(ConnectionRequests.this::readOrPause);
        }

        @Override
        public void stalled() {
            channel.executor().execute(ConnectionRequests.this::closeStalled);
        }
    }

    /** Requests that wait for their handlers are not the fault of the client. */
    private void closeStalled() {
        if (!closed && !throttle.isHeld() && !isAtLimit() && frames.bufferedBytes() > 0) {
            LOG.debugf(
                    "The Kafka connection from %s is closed: it sends too slowly",
                    connection.peer());
            connection.close();
        }
    }

    /** Returns whether no request waits for its answer. */
    boolean areAnswered() {
        return answers.size() == 0;
    }

    /** Adds received bytes and takes over the buffer. */
    void add(ByteBuf bytes) {
        if (closed) {
            bytes.release();
            return;
        }
        listener.metrics().received(bytes.readableBytes());
        frames.add(bytes);
        dispatchFrames();
    }

    private void dispatchFrames() {
        if (closed || dispatching) {
            return;
        }
        dispatching = true;
        try {
            while (!closed && dispatchUntilLimit()) {
                write();
                if (isAtLimit() || throttle.isHeld()) {
                    break;
                }
            }
            write();
        } catch (MalformedFrameException malformed) {
            listener.metrics().malformed();
            LOG.debugf(
                    "The Kafka connection from %s is closed: %s",
                    connection.peer(), malformed.getMessage());
            connection.close();
        } catch (RuntimeException bug) {
            // Without this, the request would wait for its answer as long as the connection lives.
            LOG.errorf(
                    bug,
                    "A request from %s cannot be started, so its connection is closed",
                    connection.peer());
            connection.close();
        } finally {
            dispatching = false;
        }
        readOrPause();
    }

    /** Returns false when no complete frame is left. */
    private boolean dispatchUntilLimit() {
        while (!closed && !isAtLimit() && !throttle.hold(connection.identity().caller())) {
            frames.limitFrames(
                    connection.identity().caller().isPresent()
                            ? listener.limits().frames().frameBytes()
                            : listener.limits().frames().unauthenticatedBytes());
            Optional<ByteBuf> frame = frames.next();
            if (frame.isEmpty()) {
                return false;
            }
            dispatch(frame.get());
        }
        return true;
    }

    private boolean isAtLimit() {
        return answers.size() >= listener.limits().requests()
                || received.keptBytes() >= listener.limits().keptBytes();
    }

    /** Counts buffered bytes, and reads the connection unless a limit is reached. */
    private void readOrPause() {
        if (!closed) {
            received.count(frames.bufferedBytes());
            channel.channel()
                    .config()
                    .setAutoRead(!isAtLimit() && !throttle.isHeld() && received.mayRead());
        }
    }

    private void dispatch(ByteBuf frame) {
        int size = frame.readableBytes();
        boolean bareToken =
                connection.identity().sasl().filter(SaslExchange::expectsBareToken).isPresent();
        ByteBufReadable in =
                new ByteBufReadable(
                        bareToken ? authentication(frame) : frame,
                        listener.limits().frames().reads());
        RequestHeader header;
        try {
            header = bareToken ? RequestHeader.ofBareToken() : RequestHeader.read(in);
        } catch (RuntimeException malformed) {
            frame.release();
            throw MalformedFrameException.of("The header of a request is malformed", malformed);
        }
        received.keep(size);
        PendingRequest request =
                new PendingRequest(
                        header,
                        listener.metrics(),
                        listener.audit(),
                        frame,
                        size,
                        channel.executor(),
                        this::released);
        answers.add(request);
        boolean started = false;
        try {
            execution.start(request, in);
            started = true;
            keepFields(request, in.reads());
        } finally {
            if (!started) {
                request.skipHandler();
            }
        }
    }

    /** Returns the body of the request of SaslAuthenticate for a token. */
    private static ByteBuf authentication(ByteBuf token) {
        int size = token.readableBytes();
        return Unpooled.buffer(Integer.BYTES + size)
                .writeInt(size)
                .writeBytes(token, token.readerIndex(), size);
    }

    /** Decoded fields need more memory than their bytes, and longer: until the answer. */
    private void keepFields(PendingRequest request, int count) {
        if (count >= MIN_COUNTED_FIELDS) {
            int bytes = count * FIELD_BYTES;
            received.keep(bytes);
            request.whenEnded(() -> {
                received.release(bytes);
                channel.executor().execute(this::readOrPause);
            });
        }
    }

    private void released(int bytes) {
        received.release(bytes);
        dispatchFrames();
    }

    private void completed(
            PendingRequest request, @Nullable ApiMessage answer, @Nullable Throwable failure) {
        if (closed) {
            return;
        }
        if (failure != null) {
            closeFailed(request, failure);
            return;
        }
        request.answer(answer);
        writeAnswers();
    }

    /** Writes answers that the transport accepts, and continues with requests. */
    void writeAnswers() {
        if (!dispatching) {
            boolean wasAtLimit = isAtLimit();
            write();
            if (wasAtLimit && !isAtLimit()) {
                dispatchFrames();
            }
        }
    }

    private void write() {
        if (closed || writeScheduled) {
            return;
        }
        try {
            if (answers.write(channel)) {
                writeScheduled = true;
                channel.executor().execute(this::continueWriting);
            }
        } catch (RuntimeException bug) {
            LOG.errorf(
                    bug,
                    "An answer to %s cannot be written, so the connection is closed",
                    connection.peer());
            connection.close();
        }
    }

    private void continueWriting() {
        writeScheduled = false;
        writeAnswers();
    }

    private void closeFailed(PendingRequest request, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String api = request.header().api().name;
        if (cause instanceof CloseConnectionException expected) {
            LOG.debugf(
                    "The Kafka connection from %s is closed by a request of %s: %s",
                    connection.peer(), api, expected.getMessage());
        } else {
            listener.metrics().failed(request.header().api(), Errors.UNKNOWN_SERVER_ERROR);
            LOG.errorf(
                    cause,
                    "A request of %s from %s failed, so its connection is closed",
                    api,
                    connection.peer());
        }
        connection.close();
    }

    /** Ends all requests, and releases the bytes; idempotent. */
    void end() {
        if (!closed) {
            closed = true;
            answers.close();
            frames.release();
            received.close();
        }
    }
}
