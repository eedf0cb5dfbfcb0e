package io.millrace.kafka.connection;

import io.millrace.kafka.wire.ByteBufReadable;
import io.millrace.kafka.wire.FrameAssembler;
import io.millrace.kafka.wire.MalformedFrameException;
import io.millrace.kafka.wire.RequestHeader;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.PeerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a Kafka client. Requests run side by side and are answered in their order. At a
 * limit, the connection is not read. Bytes that are not a request close the connection. Owned by
 * its event loop.
 */
public final class KafkaConnection extends ChannelInboundHandlerAdapter
        implements ClientConnection {

    private static final Logger LOG = Logger.getLogger(KafkaConnection.class);

    private static final long MAX_HOLD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ListenerContext listener;
    private final long id;
    private final AnswerQueue answers;
    private @Nullable ChannelHandlerContext channel;
    private @Nullable FrameAssembler frames;
    private InboundBytes.@Nullable Account account;
    private @Nullable ClientIdentity identity;
    private InetAddress peer = InetAddress.getLoopbackAddress();
    private int keptBytes;
    private int countedBytes;
    private boolean opened;
    private boolean closed;
    private boolean dispatching;
    private boolean held;
    private boolean writeScheduled;

    public KafkaConnection(ListenerContext listener) {
        this.listener = listener;
        this.id = listener.ids().getAsLong();
        this.answers = new AnswerQueue(listener.metrics());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
        frames =
                new FrameAssembler(
                        context.alloc(), listener.limits().frames().unauthenticatedBytes());
        account = listener.inbound().open(new Sender(context));
        if (context.channel().isActive()) {
            opened(context);
        }
    }

    /** Continues on the event loop of the connection. */
    private final class Sender implements InboundBytes.Sender {

        private final ChannelHandlerContext context;

        private Sender(ChannelHandlerContext context) {
            this.context = context;
        }

        @Override
        public void changed() {
            context.executor().execute(KafkaConnection.this::readOrPause);
        }

        @Override
        public void stalled() {
            context.executor().execute(KafkaConnection.this::closeStalled);
        }
    }

    /** Requests that wait for their handlers are not the fault of the client. */
    private void closeStalled() {
        if (!closed && !held && !isAtLimit() && frames().bufferedBytes() > 0) {
            LOG.debugf("The Kafka connection from %s is closed: it sends too slowly", peer);
            close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        opened(context);
        context.fireChannelActive();
    }

    /** Called when the handler is added to an active channel, and when a channel becomes active. */
    private void opened(ChannelHandlerContext context) {
        if (opened) {
            return;
        }
        opened = true;
        listener.metrics().opened();
        if (context.channel().remoteAddress() instanceof InetSocketAddress remote
                && remote.getAddress() != null) {
            peer = remote.getAddress();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf received = (ByteBuf) message;
        if (closed) {
            received.release();
            return;
        }
        listener.metrics().received(received.readableBytes());
        frames().add(received);
        dispatchFrames();
    }

    private void dispatchFrames() {
        if (dispatching) {
            return;
        }
        dispatching = true;
        try {
            while (!closed && dispatchUntilLimit()) {
                write();
                if (isAtLimit() || held) {
                    break;
                }
            }
            write();
        } catch (MalformedFrameException malformed) {
            closeMalformed(malformed);
        } finally {
            dispatching = false;
        }
        readOrPause();
    }

    /** Returns false when no complete frame is left. */
    private boolean dispatchUntilLimit() {
        while (!closed && !isAtLimit() && !isHeld()) {
            frames().limitFrames(
                            identity().caller().isPresent()
                                    ? listener.limits().frames().frameBytes()
                                    : listener.limits().frames().unauthenticatedBytes());
            Optional<ByteBuf> frame = frames().next();
            if (frame.isEmpty()) {
                return false;
            }
            dispatch(frame.get());
        }
        return true;
    }

    /**
     * Returns whether the client is above its quota of requests. A task then continues, so that a
     * change of the quota takes effect soon.
     */
    private boolean isHeld() {
        Optional<Caller> caller = held ? Optional.empty() : identity().caller();
        if (caller.isPresent()) {
            long delayNanos =
                    listener.quotas().delayNanos(caller.get().principal(), QuotaKind.REQUESTS);
            if (delayNanos > 0) {
                held = true;
                long holdNanos = Math.min(delayNanos, MAX_HOLD_NANOS);
                listener.metrics().throttled(QuotaKind.REQUESTS, holdNanos);
                context().executor().schedule(this::endHold, holdNanos, TimeUnit.NANOSECONDS);
            }
        }
        return held;
    }

    private void endHold() {
        held = false;
        if (!closed) {
            dispatchFrames();
        }
    }

    private boolean isAtLimit() {
        return answers.size() >= listener.limits().requests()
                || keptBytes >= listener.limits().keptBytes();
    }

    /** Counts buffered bytes, and reads the connection unless a limit is reached. */
    private void readOrPause() {
        ChannelHandlerContext context = channel;
        if (context == null || closed) {
            return;
        }
        count(keptBytes + frames().bufferedBytes());
        context.channel().config().setAutoRead(!isAtLimit() && !held && account().mayRead());
    }

    private void count(int bytes) {
        int more = bytes - countedBytes;
        countedBytes = bytes;
        listener.metrics().buffered(more);
        if (more > 0) {
            account().add(more);
        } else if (more < 0) {
            account().release(-more);
        }
    }

    private void dispatch(ByteBuf frame) {
        int size = frame.readableBytes();
        ByteBufReadable in = new ByteBufReadable(frame, listener.limits().frames().reads());
        RequestHeader header;
        try {
            header = RequestHeader.read(in);
        } catch (RuntimeException malformed) {
            frame.release();
            throw malformed("The header of a request is malformed", malformed);
        }
        keptBytes += size;
        PendingRequest request =
                new PendingRequest(
                        header,
                        listener.metrics(),
                        listener.audit(),
                        frame,
                        size,
                        loop(),
                        this::released);
        answers.add(request);
        boolean started = false;
        try {
            start(request, in);
            started = true;
        } finally {
            if (!started) {
                request.skipHandler();
            }
        }
    }

    private void released(int bytes) {
        keptBytes -= bytes;
        if (closed) {
            releaseAccount();
        } else if (!dispatching) {
            dispatchFrames();
        }
    }

    private void releaseAccount() {
        count(keptBytes);
        if (keptBytes == 0) {
            account().close();
        }
    }

    private void start(PendingRequest request, ByteBufReadable in) {
        RequestHeader header = request.header();
        Optional<ApiHandler<?, ?>> handler =
                listener.registry().find(header.api(), header.version());
        if (handler.isEmpty()) {
            if (header.api() != ApiKeys.API_VERSIONS) {
                throw new MalformedFrameException(
                        "%s version %d is not offered."
                                .formatted(header.api().name, header.version()));
            }
            request.skipHandler();
            answered(request, unsupportedVersion(), null);
            return;
        }
        Optional<Caller> caller = identity().caller();
        if (caller.isEmpty() && !handler.get().allowsUnauthenticated()) {
            identity().refused(header.api().name);
            throw new MalformedFrameException(
                    "%s requires authentication.".formatted(header.api().name));
        }
        caller.ifPresent(
                known -> listener.quotas().charge(known.principal(), QuotaKind.REQUESTS, 1));
        handle(handler.get(), request, caller, in);
    }

    @SuppressWarnings("unchecked")
    private <Q extends ApiMessage, A extends ApiMessage> void handle(
            ApiHandler<Q, A> handler,
            PendingRequest request,
            Optional<Caller> caller,
            ByteBufReadable in) {
        RequestHeader header = request.header();
        Q message = (Q) header.api().messageType.newRequest();
        try {
            message.read(in, header.version());
        } catch (RuntimeException malformed) {
            throw malformed(header.api().name + " is malformed", malformed);
        }
        // Further bytes of the frame are ignored, as by Kafka.
        RequestContext context =
                new RequestContext(
                        header,
                        this,
                        caller.orElseGet(() -> Caller.anonymous(PeerAddress.host(peer))),
                        listener.zones().zoneOf(header.clientId(), peer),
                        request);
        boolean expectsAnswer = handler.expectsAnswer(message);
        CompletableFuture<A> result;
        try {
            result = handler.handle(context, message);
        } catch (RuntimeException failure) {
            result = CompletableFuture.failedFuture(failure);
        }
        request.recordWhenEnded(context.caller(), message, result);
        request.handled(result);
        result.whenComplete((answer, failure) -> {
            if (isInLoop()) {
                answered(request, expectsAnswer ? answer : null, failure);
            } else {
                loop().execute(() -> answered(request, expectsAnswer ? answer : null, failure));
            }
        });
    }

    private void answered(
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

    private void writeAnswers() {
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
            if (answers.write(context())) {
                writeScheduled = true;
                context().executor().execute(this::continueWriting);
            }
        } catch (RuntimeException bug) {
            LOG.errorf(bug, "An answer to %s cannot be written, so the connection is closed", peer);
            close();
        }
    }

    private void continueWriting() {
        writeScheduled = false;
        writeAnswers();
    }

    private static ApiMessage unsupportedVersion() {
        ApiVersionsResponseData.ApiVersionCollection versions =
                new ApiVersionsResponseData.ApiVersionCollection();
        versions.add(
                new ApiVersionsResponseData.ApiVersion()
                        .setApiKey(ApiKeys.API_VERSIONS.id)
                        .setMinVersion(ApiKeys.API_VERSIONS.oldestVersion())
                        .setMaxVersion(ApiKeys.API_VERSIONS.latestVersion(false)));
        return new ApiVersionsResponseData()
                .setErrorCode(Errors.UNSUPPORTED_VERSION.code())
                .setApiKeys(versions);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        writeAnswers();
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent idle && isDead(context, idle.state())) {
            LOG.debugf("The Kafka connection from %s is closed: %s", peer, idle.state());
            context.close();
        }
        context.fireUserEventTriggered(event);
    }

    /** Returns whether a client sends nothing and waits for nothing, or does not read answers. */
    private boolean isDead(ChannelHandlerContext context, IdleState state) {
        return switch (state) {
            case ALL_IDLE -> answers.size() == 0;
            case WRITER_IDLE -> !context.channel().isWritable();
            case READER_IDLE -> false;
        };
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debugf("The Kafka connection from %s failed: %s", peer, cause);
        } else {
            LOG.debugf(cause, "The Kafka connection from %s failed", peer);
        }
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }

    private void end() {
        if (!closed) {
            closed = true;
            if (opened) {
                listener.metrics().closed();
            }
            answers.close();
            frames().release();
            releaseAccount();
        }
    }

    private static MalformedFrameException malformed(String what, RuntimeException cause) {
        return cause instanceof MalformedFrameException known
                ? known
                : new MalformedFrameException(what + ": " + cause.getMessage(), cause);
    }

    private void closeMalformed(MalformedFrameException malformed) {
        listener.metrics().malformed();
        LOG.debugf("The Kafka connection from %s is closed: %s", peer, malformed.getMessage());
        close();
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
                    peer, api, expected.getMessage());
        } else {
            listener.metrics().failed(request.header().api(), Errors.UNKNOWN_SERVER_ERROR);
            LOG.errorf(
                    cause,
                    "A request of %s from %s failed, so its connection is closed",
                    api,
                    peer);
        }
        close();
    }

    @Override
    public void close() {
        ChannelHandlerContext context = channel;
        if (context != null) {
            if (isInLoop()) {
                end();
            }
            context.close();
        }
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public String listener() {
        return listener.name();
    }

    @Override
    public InetAddress peer() {
        return peer;
    }

    @Override
    public ClientIdentity identity() {
        ClientIdentity known = identity;
        if (known == null) {
            known = listener.identities().open(context().channel());
            identity = known;
        }
        return known;
    }

    @Override
    public Authorizer authorizer() {
        return listener.authorizer();
    }

    @Override
    public RequestAudit audit() {
        return listener.audit();
    }

    @Override
    public Executor loop() {
        return context().executor();
    }

    private boolean isInLoop() {
        return context().executor().inEventLoop();
    }

    private ChannelHandlerContext context() {
        return required(channel);
    }

    private FrameAssembler frames() {
        return required(frames);
    }

    private InboundBytes.Account account() {
        return required(account);
    }

    private static <T> T required(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("The connection has no channel yet.");
        }
        return part;
    }
}
