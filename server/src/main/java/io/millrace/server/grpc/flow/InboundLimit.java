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
 * Limits the memory of partly received messages, of each message and in total. {@link
 * InboundAdmission} selects the connections that may send. A call that still exceeds a limit, or is
 * too slow during its turn, ends with a {@code google.rpc.Status}. Any thread may read the
 * counters.
 *
 * <p>Bytes are counted on the connections' event loops during deframing. Calls are ended on the
 * loop on which their handlers respond. {@link OpenCalls} must run first, as only wrapped calls can
 * be rejected.
 */
public final class InboundLimit extends ServerStreamTracer.Factory implements ServerInterceptor {

    private static final Context.Key<InboundMessage> INBOUND_MESSAGE =
            Context.key("millrace-arriving");

    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);

    private static final Problem TOO_MANY =
            new Problem(
                    Reason.OVERLOADED,
                    "Too many large requests arrive at once: retry after a pause.");

    private static final Problem TOO_SLOW =
            new Problem(
                    Reason.OVERLOADED,
                    "The request arrives too slowly while other requests wait for memory: retry"
                            + " after a pause.");

    private final EventLoop loop;
    private final int messageBytes;
    private final InboundMemory memory;
    private final ConnectionWindows windows;
    private final InboundAdmission admission;
    private final Map<InboundConnection.ConnectionAddresses, InboundConnection> connections =
            new ConcurrentHashMap<>();
    private final Map<InboundAdmission.InboundSender, Runnable> accounts =
            new ConcurrentHashMap<>();
    private final InboundConnection unknown;
    private final LongAdder rejected = new LongAdder();
    // Owned by the loop.
    private boolean checking;

    /**
     * @param loop the loop on which all handlers respond
     * @param memory the limits for all messages; beyond them, counting open windows, a call ends
     *     with OVERLOADED
     */
    public InboundLimit(
            EventLoop loop, int messageBytes, InboundMemory memory, ConnectionWindows windows) {
        this.loop = loop;
        this.messageBytes = messageBytes;
        this.memory = memory;
        this.windows = windows;
        this.admission =
                new InboundAdmission(
                        memory.arrivingBytes(),
                        messageBytes,
                        () -> loop.execute(this::scheduleTurn));
        this.unknown = new InboundConnection(Runnable::run, admission.unregulated());
    }

    public long inboundBytes() {
        return admission.inboundBytes();
    }

    public int waitingConnections() {
        return admission.waiting();
    }

    public long rejected() {
        return rejected.sum();
    }

    /**
     * Any thread.
     *
     * @param changed called on the event loop when the result of {@link #mayProceed} has changed
     */
    InboundConnection register(
            InboundConnection.ConnectionAddresses ends, Executor eventLoop, Runnable changed) {
        InboundConnection connection =
                new InboundConnection(
                        eventLoop, admission.register(() -> eventLoop.execute(changed)));
        connections.put(ends, connection);
        return connection;
    }

    void unregister(InboundConnection.ConnectionAddresses ends, InboundConnection connection) {
        connections.remove(ends, connection);
        admission.unregister(connection.sender());
    }

    /**
     * Adds a connection of another protocol. Any thread.
     *
     * @param changed called on any thread when the result of {@link InboundAccount#mayProceed} has
     *     changed; must return at once
     * @param stalled called on the loop when a message arrives too slowly while others wait
     */
    public InboundAccount openAccount(Runnable changed, Runnable stalled) {
        InboundAdmission.InboundSender sender = admission.register(changed);
        accounts.put(sender, stalled);
        return new InboundAccount(this, admission, sender);
    }

    void closeAccount(InboundAdmission.InboundSender sender) {
        accounts.remove(sender);
        admission.unregister(sender);
    }

    /** Any thread. */
    boolean mayProceed(InboundConnection connection) {
        return admission.mayProceed(connection.sender());
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new InboundMessage();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        InboundMessage message = INBOUND_MESSAGE.get();
        if (message != null && call instanceof RejectableCall<Q, A> refusable) {
            message.bind(refusable, connectionOf(call.getAttributes()));
        }
        return next.startCall(call, headers);
    }

    private InboundConnection connectionOf(Attributes attributes) {
        var local = attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
        var remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (local == null || remote == null) {
            return unknown;
        }
        return connections.getOrDefault(
                new InboundConnection.ConnectionAddresses(local, remote), unknown);
    }

    private void scheduleTurn() {
        if (!checking) {
            checking = true;
            loop.schedule(CHECK_INTERVAL, this::checkProgress);
        }
        memory.whenRoom().accept(admission::beginTurn);
    }

    private void checkProgress() {
        admission.endStalledTurn().ifPresent(this::rejectUnfinished);
        checking = admission.isTight();
        if (checking) {
            loop.schedule(CHECK_INTERVAL, this::checkProgress);
        }
    }

    private void rejectUnfinished(InboundAdmission.InboundSender slow) {
        Runnable stalled = accounts.get(slow);
        if (stalled != null) {
            stalled.run();
            return;
        }
        for (InboundConnection connection : connections.values()) {
            if (connection.sender() == slow) {
                connection
                        .loop()
                        .execute(() -> {
                            for (InboundMessage call : connection.calls()) {
                                call.rejectUnfinished();
                            }
                        });
            }
        }
    }

    /** The partly received message of a call. Owned by the connection's event loop. */
    final class InboundMessage extends ServerStreamTracer {

        private InboundConnection connection = unknown;
        private @Nullable RejectableCall<?, ?> call;
        private long bytes;

        private InboundMessage() {}

        @Override
        public Context filterContext(Context context) {
            return context.withValue(INBOUND_MESSAGE, this);
        }

        private void bind(RejectableCall<?, ?> begun, InboundConnection its) {
            call = begun;
            connection = its;
            its.calls().add(this);
        }

        @Override
        public void inboundWireSize(long more) {
            bytes += more;
            long all = admission.addBytes(connection.sender(), more);
            if (bytes > messageBytes) {
                reject(GrpcErrors.tooLarge(messageBytes));
            } else if (exceedsLimit(all)) {
                rejectOverloaded(TOO_MANY);
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

        /**
         * Returns whether received bytes exceed the limit and the unused part of the window memory.
         */
        private boolean exceedsLimit(long all) {
            return all > memory.arrivingBytes()
                    && all + windows.grantedBytes() > memory.arrivingBytes() + memory.windowBytes()
                    && !admission.isWithinAllowance(connection.sender());
        }

        private void rejectUnfinished() {
            if (bytes > 0) {
                rejectOverloaded(TOO_SLOW);
            }
        }

        private void rejectOverloaded(Problem problem) {
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
            admission.releaseBytes(connection.sender(), bytes);
            bytes = 0;
        }
    }
}
