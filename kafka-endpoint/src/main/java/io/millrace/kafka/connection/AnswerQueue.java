package io.millrace.kafka.connection;

import io.millrace.kafka.wire.EncodedAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a connection in their order, whose answers are written in this order. An answer
 * is encoded when its predecessors are written, and written in parts while the transport accepts
 * them, so that a slow reader holds the memory of one part. Owned by the connection's event loop.
 */
final class AnswerQueue {

    private final Queue<PendingRequest> requests = new ArrayDeque<>();
    private final ConnectionMetrics metrics;
    private final Queue<PendingRequest> written = new ArrayDeque<>();
    private @Nullable EncodedAnswer writing;
    private boolean yields;

    AnswerQueue(ConnectionMetrics metrics) {
        this.metrics = metrics;
    }

    void add(PendingRequest request) {
        requests.add(request);
    }

    int size() {
        return requests.size();
    }

    /**
     * Writes what is answered and accepted by the transport, then ends these requests.
     *
     * @return whether more can be written, by a later task of the event loop, because the rest of
     *     the first answer must be computed
     */
    boolean write(ChannelHandlerContext context) {
        yields = false;
        while (!yields && context.channel().isWritable() && hasAnswer()) {
            if (writeUntilFull(context)) {
                // May empty the transport's buffer, so that more is accepted at once.
                context.flush();
            }
        }
        endWritten();
        return yields;
    }

    private boolean writeUntilFull(ChannelHandlerContext context) {
        boolean written = false;
        while (!yields && context.channel().isWritable() && hasAnswer()) {
            written |= writePart(context);
        }
        return written;
    }

    private void endWritten() {
        for (PendingRequest request = written.poll(); request != null; request = written.poll()) {
            request.end();
        }
    }

    private boolean hasAnswer() {
        PendingRequest head = requests.peek();
        return head != null && head.isAnswered();
    }

    private boolean writePart(ChannelHandlerContext context) {
        PendingRequest head = requests.element();
        EncodedAnswer encoded = writing;
        if (encoded == null) {
            ApiMessage answer = head.answer();
            if (answer == null) {
                end(head);
                return false;
            }
            encoded =
                    head.header().bareToken()
                                    && answer instanceof SaslAuthenticateResponseData token
                            ? EncodedAnswer.ofBareToken(token, context.alloc())
                            : EncodedAnswer.of(
                                    head.header(), versionOf(head), answer, context.alloc());
            writing = encoded;
        }
        Optional<ByteBuf> part = encoded.nextPart(context.alloc());
        if (part.isEmpty()) {
            writing = null;
            end(head);
            return false;
        }
        yields = encoded.mustYield();
        int bytes = part.get().readableBytes();
        if (bytes == 0) {
            part.get().release();
            return false;
        }
        metrics.sent(bytes);
        context.write(part.get(), context.voidPromise());
        return true;
    }

    /** Clients read the answer to an unsupported version of ApiVersions as version 0. */
    private static short versionOf(PendingRequest request) {
        boolean unsupported =
                request.header().api() == ApiKeys.API_VERSIONS
                        && !request.header().isVersionSupported();
        return unsupported ? 0 : request.header().version();
    }

    private void end(PendingRequest head) {
        requests.remove();
        metrics.answered(head.header().api(), head.beganNanos());
        written.add(head);
    }

    /** Ends all requests without answers. */
    void close() {
        if (writing != null) {
            writing.release();
            writing = null;
        }
        endWritten();
        for (PendingRequest request = requests.poll(); request != null; request = requests.poll()) {
            request.end();
        }
    }
}
