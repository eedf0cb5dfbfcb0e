package io.millrace.kafka.connection;

import io.millrace.kafka.wire.RequestHeader;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.principal.Caller;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A request of a connection until its answer is written. Owned by the connection's event loop. */
final class PendingRequest implements RequestContext.RequestLifecycle {

    private static final Logger LOG = Logger.getLogger(PendingRequest.class);

    private final RequestHeader header;
    private final ConnectionMetrics metrics;
    private final long beganNanos;
    private final ByteBuf frame;
    private final int sizeBytes;
    private final Executor loop;
    private final IntConsumer released;
    private final List<Runnable> atEnd = new ArrayList<>(0);
    private final @Nullable AdministrativeRequest record;
    private boolean handling = true;
    private int keepers;
    private boolean answered;
    private boolean ended;
    private @Nullable CompletableFuture<? extends ApiMessage> future;
    private @Nullable ApiMessage answer;

    /**
     * @param frame the received bytes, released by this object
     * @param released receives the size once the bytes are no longer used; on the loop
     */
    PendingRequest(
            RequestHeader header,
            ConnectionMetrics metrics,
            RequestAudit audit,
            ByteBuf frame,
            int sizeBytes,
            Executor loop,
            IntConsumer released) {
        this.header = header;
        this.metrics = metrics;
        this.beganNanos = metrics.nanoTime();
        this.frame = frame;
        this.sizeBytes = sizeBytes;
        this.loop = loop;
        this.released = released;
        this.record =
                audit.isOn() && AdministrativeRequest.APIS.contains(header.api())
                        ? new AdministrativeRequest(header.api(), audit)
                        : null;
    }

    RequestHeader header() {
        return header;
    }

    long beganNanos() {
        return beganNanos;
    }

    @Override
    public Runnable keepBytes() {
        if (!handling) {
            throw new IllegalStateException("The bytes of a request are kept while it is handled.");
        }
        keepers++;
        AtomicBoolean done = new AtomicBoolean();
        return () -> {
            if (!done.getAndSet(true)) {
                loop.execute(() -> {
                    keepers--;
                    releaseUnused();
                });
            }
        };
    }

    @Override
    public void whenEnded(Runnable task) {
        if (ended) {
            run(task);
        } else {
            atEnd.add(task);
        }
    }

    @Override
    public void failed(Errors error) {
        metrics.failed(header.api(), error);
        if (record != null) {
            record.failed(error);
        }
    }

    @Override
    public void throttled(QuotaKind kind, long nanos) {
        metrics.throttled(kind, nanos);
    }

    @Override
    public void authorized(ResourceType type, String name) {
        if (record != null) {
            record.authorized(type, name);
        }
    }

    /** Records the request in the audit log when it ends, if it is administrative. */
    void recordWhenEnded(Caller caller, ApiMessage message, CompletableFuture<?> result) {
        AdministrativeRequest known = record;
        if (known != null) {
            result.whenComplete(
                    (answered, failure) -> known.ended(caller, message, sizeBytes, failure));
        }
    }

    /** Ends the call of the handler. */
    void handled(CompletableFuture<? extends ApiMessage> result) {
        future = result;
        handling = false;
        releaseUnused();
    }

    /** Ends a request that no handler receives; idempotent. */
    void skipHandler() {
        if (handling) {
            handling = false;
            releaseUnused();
        }
    }

    private void releaseUnused() {
        if (!handling && keepers == 0) {
            frame.release();
            released.accept(sizeBytes);
        }
    }

    /**
     * @param message null if no answer is written
     */
    void answer(@Nullable ApiMessage message) {
        answered = true;
        answer = message;
        future = null;
    }

    boolean isAnswered() {
        return answered;
    }

    @Nullable ApiMessage answer() {
        return answer;
    }

    /** Ends the request after the answer, or because the connection is closed. */
    void end() {
        ended = true;
        answer = null;
        CompletableFuture<?> unfinished = future;
        if (unfinished != null) {
            future = null;
            unfinished.cancel(false);
        }
        atEnd.forEach(PendingRequest::run);
        atEnd.clear();
    }

    /** Runs a task whose failure must not keep the resources of others. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException bug) {
            LOG.error("A task at the end of a Kafka request failed, which is a bug.", bug);
        }
    }
}
