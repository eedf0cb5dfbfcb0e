package io.millrace.client.connection;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.Executor;

/** Sends the token of a {@link TokenSource} with each call. Thread-safe. */
public final class BearerTokens extends CallCredentials implements ClientInterceptor {

    /** Maximum length of a token: the limit of servers. */
    static final int MAX_CHARS = 8 << 10;

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final TokenSource source;

    public BearerTokens(TokenSource source) {
        this.source = source;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
            MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return next.newCall(method, options.withCallCredentials(this));
    }

    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
        Metadata headers = new Metadata();
        try {
            headers.put(AUTHORIZATION, "Bearer " + legal(source.token()));
        } catch (RuntimeException noToken) {
            applier.fail(
                    Status.UNAUTHENTICATED
                            .withDescription(
                                    "the client has no usable token: " + noToken.getMessage())
                            .withCause(noToken));
            return;
        }
        applier.apply(headers);
    }

    /**
     * Returns a token that a header can hold.
     *
     * @throws IllegalArgumentException for any other token, without quoting it
     */
    static String legal(String token) {
        if (token.isEmpty()
                || token.length() > MAX_CHARS
                || token.chars().anyMatch(each -> each <= ' ' || each > '~')) {
            throw new IllegalArgumentException(
                    "a token has 1 to %,d printable ASCII characters without spaces"
                            .formatted(MAX_CHARS));
        }
        return token;
    }
}
