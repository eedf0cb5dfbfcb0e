package io.millrace.metadata.etcd.jetcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallCredentials;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Credentials that add a token to each call to a member. The token is fetched at the first call and
 * after it was discarded or a fetch failed. Any thread.
 */
final class TokenCredentials extends CallCredentials {

    private static final Metadata.Key<String> TOKEN =
            Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private final EtcdUser user;
    private final Channel channel;
    private final Duration timeout;
    private final AtomicReference<@Nullable CompletableFuture<Metadata>> token =
            new AtomicReference<>();

    TokenCredentials(EtcdUser user, Channel channel, Duration timeout) {
        this.user = user;
        this.channel = channel;
        this.timeout = timeout;
    }

    void discardToken() {
        token.set(null);
    }

    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
        token().whenComplete((headers, failure) -> {
            if (failure == null) {
                applier.apply(headers);
            } else {
                applier.fail(statusFor(Status.fromThrowable(failure)));
            }
        });
    }

    private CompletableFuture<Metadata> token() {
        CompletableFuture<Metadata> fresh = new CompletableFuture<>();
        CompletableFuture<Metadata> known = token.compareAndExchange(null, fresh);
        if (known != null) {
            return known;
        }
        fetch(fresh);
        return fresh;
    }

    private void fetch(CompletableFuture<Metadata> fresh) {
        AuthenticateRequest request =
                AuthenticateRequest.newBuilder()
                        .setNameBytes(ByteString.copyFromUtf8(user.name()))
                        .setPasswordBytes(ByteString.copyFromUtf8(user.password()))
                        .build();
        AuthGrpc.newStub(channel)
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .authenticate(
                        request,
                        new StreamObserver<>() {
                            @Override
                            public void onNext(AuthenticateResponse response) {
                                Metadata headers = new Metadata();
                                headers.put(TOKEN, response.getToken());
                                fresh.complete(headers);
                            }

                            @Override
                            public void onError(Throwable failure) {
                                token.compareAndSet(fresh, null);
                                fresh.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {
                                // The answer precedes completion.
                            }
                        });
    }

    /** Returns a status that gRPC accepts from credentials; gRPC replaces all other statuses. */
    private static Status statusFor(Status failure) {
        Status status =
                switch (failure.getCode()) {
                    case INVALID_ARGUMENT, FAILED_PRECONDITION, PERMISSION_DENIED ->
                            Status.UNAUTHENTICATED;
                    default -> Status.UNAVAILABLE;
                };
        return status.withDescription(failure.getDescription()).withCause(failure.getCause());
    }
}
