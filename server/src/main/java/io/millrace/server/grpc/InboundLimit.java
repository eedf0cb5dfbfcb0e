package io.millrace.server.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.Loop;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what messages that are still arriving may cost: one message, and all of them together. A
 * call that goes past is ended with a {@code google.rpc.Status}, which the transport's own limit
 * cannot give.
 *
 * <p>It counts bytes on the connections' event loops, as the transport takes them out of its
 * frames, and ends calls on the loop on which their handlers answer. {@link OpenCalls} goes before
 * it: it ends only calls that can be refused.
 */
final class InboundLimit extends ServerStreamTracer.Factory implements ServerInterceptor {

    private static final Context.Key<Arriving> ARRIVING = Context.key("millrace-arriving");

    private static final Problem TOO_MANY =
            new Problem(
                    Reason.OVERLOADED,
                    "Too many large requests arrive at once: repeat this one after a pause.");

    private final Loop loop;
    private final int messageBytes;
    private final long allBytes;
    private final AtomicLong arriving = new AtomicLong();

    /**
     * @param loop on which all handlers answer
     * @param messageBytes of one message
     * @param allBytes of all messages that have arrived in part; the call that goes past it is
     *     ended with OVERLOADED
     */
    InboundLimit(Loop loop, int messageBytes, long allBytes) {
        this.loop = loop;
        this.messageBytes = messageBytes;
        this.allBytes = allBytes;
    }

    /** Bytes of messages that have arrived in part. Any thread. */
    long arrivingBytes() {
        return arriving.get();
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new Arriving();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Arriving message = ARRIVING.get();
        if (message != null && call instanceof RefusableCall<Q, A> refusable) {
            message.call = refusable;
        }
        return next.startCall(call, headers);
    }

    /** The message of one call that has arrived in part. Owned by the connection's event loop. */
    private final class Arriving extends ServerStreamTracer {

        private volatile @Nullable RefusableCall<?, ?> call;
        private long bytes;

        @Override
        public Context filterContext(Context context) {
            return context.withValue(ARRIVING, this);
        }

        @Override
        public void inboundWireSize(long more) {
            bytes += more;
            long all = arriving.addAndGet(more);
            if (bytes > messageBytes) {
                refuse(GrpcErrors.tooLarge(messageBytes));
            } else if (all > allBytes) {
                refuse(TOO_MANY);
            }
        }

        @Override
        public void inboundMessageRead(int seqNo, long wireSize, long uncompressedSize) {
            release();
        }

        @Override
        public void streamClosed(Status status) {
            release();
        }

        private void refuse(Problem problem) {
            RefusableCall<?, ?> refused = call;
            if (refused != null) {
                call = null;
                loop.execute(() -> GrpcErrors.close(refused, problem));
            }
        }

        private void release() {
            arriving.addAndGet(-bytes);
            bytes = 0;
        }
    }
}
