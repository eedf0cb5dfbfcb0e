package io.millrace.server.grpc.flow;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.GrpcErrors;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what messages that are still arriving may cost: one message, and all of them together.
 * {@link InboundAdmission} says which connections go on, so that mostly nobody is refused; a call
 * that goes past a bound all the same, or has its turn and sends next to nothing, is ended with a
 * {@code google.rpc.Status}, which the transport's own limit cannot give.
 *
 * <p>It counts bytes on the connections' event loops, as the transport takes them out of its
 * frames, and ends calls on the loop on which their handlers answer. {@link OpenCalls} goes before
 * it: it ends only calls that can be refused.
 */
public final class InboundLimit extends ServerStreamTracer.Factory implements ServerInterceptor {

    private static final Context.Key<Arriving> ARRIVING = Context.key("millrace-arriving");

    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);

    private static final Problem TOO_MANY =
            new Problem(
                    Reason.OVERLOADED,
                    "Too many large requests arrive at once: repeat this one after a pause.");

    private static final Problem TOO_SLOW =
            new Problem(
                    Reason.OVERLOADED,
                    "The request arrives too slowly while others wait for its memory: repeat it"
                            + " after a pause.");

    private final EventLoop loop;
    private final int messageBytes;
    private final InboundMemory memory;
    private final ConnectionWindows windows;
    private final InboundAdmission turns;
    private final Map<InboundConnection.Ends, InboundConnection> connections =
            new ConcurrentHashMap<>();
    private final InboundConnection unknown;
    private final LongAdder rejected = new LongAdder();
    // Owned by the loop.
    private boolean checking;

    /**
     * @param loop on which all handlers answer
     * @param messageBytes of one message
     * @param memory of all messages. A call that goes past it, counting windows that are still
     *     open, is ended with OVERLOADED
     * @param windows of the connections
     */
    public InboundLimit(
            EventLoop loop, int messageBytes, InboundMemory memory, ConnectionWindows windows) {
        this.loop = loop;
        this.messageBytes = messageBytes;
        this.memory = memory;
        this.windows = windows;
        this.turns =
                new InboundAdmission(
                        memory.arrivingBytes(), messageBytes, () -> loop.execute(this::giveTurn));
        this.unknown = new InboundConnection(Runnable::run, turns.outsider());
    }

    /** Bytes of messages that have arrived in part. Any thread. */
    public long arrivingBytes() {
        return turns.arrivingBytes();
    }

    /** Connections that wait for their turn to send on. Any thread. */
    public int waiting() {
        return turns.waiting();
    }

    /** Calls that were ended because of what others send. Any thread. */
    public long rejected() {
        return rejected.sum();
    }

    /**
     * Counts a connection in whose flow can be steered. Any thread.
     *
     * @param eventLoop the connection's
     * @param changed runs on it when the answer of {@link #mayProceed} has changed
     */
    InboundConnection join(InboundConnection.Ends ends, Executor eventLoop, Runnable changed) {
        InboundConnection connection =
                new InboundConnection(eventLoop, turns.join(() -> eventLoop.execute(changed)));
        connections.put(ends, connection);
        return connection;
    }

    /** Counts a connection out. Any thread. */
    void leave(InboundConnection.Ends ends, InboundConnection connection) {
        connections.remove(ends, connection);
        turns.leave(connection.sender());
    }

    /** Whether the connection should be given windows. Any thread. */
    boolean mayProceed(InboundConnection connection) {
        return turns.mayProceed(connection.sender());
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new Arriving();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Arriving message = ARRIVING.get();
        if (message != null && call instanceof RejectableCall<Q, A> refusable) {
            message.begin(refusable, connectionOf(call.getAttributes()));
        }
        return next.startCall(call, headers);
    }

    private InboundConnection connectionOf(Attributes attributes) {
        var local = attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
        var remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (local == null || remote == null) {
            return unknown;
        }
        return connections.getOrDefault(new InboundConnection.Ends(local, remote), unknown);
    }

    private void giveTurn() {
        if (!checking) {
            checking = true;
            loop.schedule(CHECK_INTERVAL, this::check);
        }
        memory.whenRoom().accept(turns::beginTurn);
    }

    private void check() {
        turns.check().ifPresent(this::rejectUnfinished);
        checking = turns.isTight();
        if (checking) {
            loop.schedule(CHECK_INTERVAL, this::check);
        }
    }

    private void rejectUnfinished(InboundAdmission.Sender slow) {
        for (InboundConnection connection : connections.values()) {
            if (connection.sender() == slow) {
                connection
                        .loop()
                        .execute(() -> {
                            for (Arriving call : connection.calls()) {
                                call.rejectUnfinished();
                            }
                        });
            }
        }
    }

    /** The message of one call that has arrived in part. Owned by the connection's event loop. */
    final class Arriving extends ServerStreamTracer {

        private InboundConnection connection = unknown;
        private @Nullable RejectableCall<?, ?> call;
        private long bytes;

        private Arriving() {}

        @Override
        public Context filterContext(Context context) {
            return context.withValue(ARRIVING, this);
        }

        private void begin(RejectableCall<?, ?> begun, InboundConnection its) {
            call = begun;
            connection = its;
            its.calls().add(this);
        }

        @Override
        public void inboundWireSize(long more) {
            bytes += more;
            long all = turns.arrived(connection.sender(), more);
            if (bytes > messageBytes) {
                reject(GrpcErrors.tooLarge(messageBytes));
            } else if (isTooMuch(all)) {
                overload(TOO_MANY);
            }
        }

        @Override
        public void inboundMessageRead(int seqNo, long wireSize, long uncompressedSize) {
            release();
        }

        @Override
        public void streamClosed(Status status) {
            release();
            connection.calls().remove(this);
        }

        /** Past the limit, a window that nobody may use any more leaves its bytes to what came. */
        private boolean isTooMuch(long all) {
            return all > memory.arrivingBytes()
                    && all + windows.granted() > memory.arrivingBytes() + memory.windowBytes()
                    && !turns.isSmall(connection.sender());
        }

        private void rejectUnfinished() {
            if (bytes > 0) {
                overload(TOO_SLOW);
            }
        }

        private void overload(Problem problem) {
            if (call != null) {
                rejected.increment();
            }
            reject(problem);
        }

        private void reject(Problem problem) {
            RejectableCall<?, ?> ended = call;
            if (ended != null) {
                call = null;
                loop.execute(() -> GrpcErrors.close(ended, problem));
            }
        }

        private void release() {
            turns.left(connection.sender(), bytes);
            bytes = 0;
        }
    }
}
