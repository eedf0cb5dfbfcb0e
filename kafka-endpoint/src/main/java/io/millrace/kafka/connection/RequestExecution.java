package io.millrace.kafka.connection;

import io.millrace.kafka.wire.ByteBufReadable;
import io.millrace.kafka.wire.MalformedFrameException;
import io.millrace.kafka.wire.RequestHeader;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.PeerAddress;
import io.netty.util.concurrent.EventExecutor;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the requests of a connection and passes them to their handlers. Owned by the connection's
 * event loop.
 */
final class RequestExecution {

    private final ListenerContext listener;
    private final ClientConnection connection;
    private final EventExecutor loop;
    private final Results results;

    /** A receiver of the results of handlers. Called on the connection's event loop. */
    @FunctionalInterface
    interface Results {

        /**
         * @param answer null after a failure, and if no answer is written
         */
        void completed(
                PendingRequest request, @Nullable ApiMessage answer, @Nullable Throwable failure);
    }

    RequestExecution(
            ListenerContext listener,
            ClientConnection connection,
            EventExecutor loop,
            Results results) {
        this.listener = listener;
        this.connection = connection;
        this.loop = loop;
        this.results = results;
    }

    /**
     * Starts a request.
     *
     * @param body the fields after the header
     * @throws MalformedFrameException if the connection must be closed
     */
    void start(PendingRequest request, ByteBufReadable body) {
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
            results.completed(request, unsupportedVersion(), null);
            return;
        }
        Optional<Caller> caller = connection.identity().caller();
        if (caller.isEmpty() && !handler.get().allowsUnauthenticated()) {
            connection.identity().refused(header.api().name);
            throw new MalformedFrameException(
                    "%s requires authentication.".formatted(header.api().name));
        }
        caller.ifPresent(
                known -> listener.quotas().charge(known.principal(), QuotaKind.REQUESTS, 1));
        handle(handler.get(), request, caller, body);
    }

    @SuppressWarnings("unchecked")
    private <Q extends ApiMessage, A extends ApiMessage> void handle(
            ApiHandler<Q, A> handler,
            PendingRequest request,
            Optional<Caller> caller,
            ByteBufReadable body) {
        RequestHeader header = request.header();
        Q message = (Q) header.api().messageType.newRequest();
        try {
            // Further bytes of the frame are ignored, as by Kafka.
            message.read(body, header.version());
        } catch (RuntimeException malformed) {
            throw MalformedFrameException.of(header.api().name + " is malformed", malformed);
        }
        RequestContext context =
                new RequestContext(
                        header,
                        connection,
                        caller.orElseGet(
                                () -> Caller.anonymous(PeerAddress.host(connection.peer()))),
                        listener.zones().zoneOf(header.clientId(), connection.peer()),
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
            ApiMessage written = expectsAnswer ? answer : null;
            if (loop.inEventLoop()) {
                results.completed(request, written, failure);
            } else {
                loop.execute(() -> results.completed(request, written, failure));
            }
        });
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
}
