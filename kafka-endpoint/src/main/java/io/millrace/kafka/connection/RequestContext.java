package io.millrace.kafka.connection;

import io.millrace.kafka.wire.RequestHeader;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.principal.Caller;
import io.millrace.security.quota.QuotaEnforcement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * The circumstances of one request.
 *
 * @param caller the sender at the time of the request
 * @param zone the zone of the client by its client id or address; empty if unknown
 */
public record RequestContext(
        RequestHeader header,
        ClientConnection connection,
        Caller caller,
        Optional<String> zone,
        RequestLifecycle lifecycle) {

    /** Resources of one request. Called on the event loop of the connection. */
    public interface RequestLifecycle {

        /** A lifecycle without resources, for tests. */
        RequestLifecycle NONE =
                new RequestLifecycle() {
                    @Override
                    public Runnable keepBytes() {
                        return () -> {};
                    }

                    @Override
                    public void whenEnded(Runnable task) {}

                    @Override
                    public void failed(Errors error) {}

                    @Override
                    public void throttled(QuotaKind kind, long nanos) {}

                    @Override
                    public void authorized(ResourceType type, String name) {}
                };

        /**
         * Keeps the received bytes valid until the returned task runs. While kept, the bytes count
         * against the limits of the connection and of the node. Only during {@link
         * ApiHandler#handle}.
         *
         * @return idempotent; any thread
         */
        Runnable keepBytes();

        /**
         * Runs a task when the answer has been written to the transport, or the connection is
         * closed.
         */
        void whenEnded(Runnable task);

        /** Counts an error code of the answer in the metrics. Any thread. */
        void failed(Errors error);

        /** Counts an answer that tells the client to wait because of a quota. Any thread. */
        void throttled(QuotaKind kind, long nanos);

        /** Notes a resource that the sender has the required right on. Any thread. */
        void authorized(ResourceType type, String name);
    }

    /** Returns the listener of the connection, to whose addresses clients are led. */
    public KafkaListener listener() {
        return connection.listener();
    }

    public short version() {
        return header.version();
    }

    public String clientId() {
        return header.clientId();
    }

    /**
     * Returns whether the sender may execute the operation, and records a refusal in the audit log.
     */
    public boolean authorize(Operation operation, ResourceType type, String name) {
        boolean allowed = allows(operation, type, name);
        if (!allowed) {
            connection.audit().refused(caller, header.api().name, operation, type, name);
        }
        return allowed;
    }

    /** Returns whether the sender may execute the operation, for answers that leave out others. */
    public boolean allows(Operation operation, ResourceType type, String name) {
        boolean allowed = connection.authorizer().allows(caller, operation, type, name);
        if (allowed) {
            lifecycle.authorized(type, name);
        }
        return allowed;
    }

    /** See {@link RequestLifecycle#keepBytes}. */
    public Runnable keepBytes() {
        return lifecycle.keepBytes();
    }

    /** See {@link RequestLifecycle#failed}. */
    public void failed(Errors error) {
        lifecycle.failed(error);
    }

    /**
     * Returns the milliseconds for which the answer tells the client to wait, by its quotas of
     * requests and of bytes in one direction. Any thread.
     */
    public int throttleMs(QuotaEnforcement quotas, QuotaKind bytes) {
        long longestNanos = 0;
        for (QuotaKind kind : List.of(bytes, QuotaKind.REQUESTS)) {
            long nanos = quotas.delayNanos(caller.principal(), kind);
            if (nanos > 0) {
                lifecycle.throttled(kind, nanos);
            }
            longestNanos = Math.max(longestNanos, nanos);
        }
        return (int) Math.min(Integer.MAX_VALUE, Duration.ofNanos(longestNanos).toMillis());
    }

    /** See {@link RequestLifecycle#whenEnded}. */
    public void whenEnded(Runnable task) {
        lifecycle.whenEnded(task);
    }
}
