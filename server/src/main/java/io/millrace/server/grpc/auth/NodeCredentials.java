package io.millrace.server.grpc.auth;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The tokens of this node for calls to other nodes. A token serves all calls of a method to a node
 * for a minute. Any thread.
 */
public final class NodeCredentials {

    static final Metadata.Key<byte[]> TOKEN =
            Metadata.Key.of("millrace-node-token-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private static final int MAX_CACHED = 1024;

    private record Target(long callee, String method) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record Issued(TokenClaims claims, byte[] token) {}

    private final TokenSigner signer;
    private final LongSupplier self;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final Map<Target, Issued> cached = new ConcurrentHashMap<>();

    /**
     * @param self the supplier of this node's current incarnation; called on any thread
     * @param nanoTime a monotonic clock for any thread
     */
    NodeCredentials(TokenSigner signer, LongSupplier self, LongSupplier nanoTime) {
        this.signer = signer;
        this.self = self;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    /** Returns the current incarnation of this node. */
    public long incarnation() {
        return self.getAsLong();
    }

    /**
     * Returns the headers of one call.
     *
     * @param callee the incarnation of the called node
     */
    public Metadata headers(long callee, MethodDescriptor<?, ?> method) {
        Metadata headers = new Metadata();
        headers.put(TOKEN, token(callee, method.getFullMethodName()));
        return headers;
    }

    private byte[] token(long callee, String method) {
        long ageNanos = nanoTime.getAsLong() - startNanos;
        TokenClaims claims =
                new TokenClaims(incarnation(), callee, TimeUnit.NANOSECONDS.toMinutes(ageNanos));
        Target target = new Target(callee, method);
        Issued last = cached.get(target);
        if (last != null && last.claims().equals(claims)) {
            return last.token();
        }
        if (cached.size() >= MAX_CACHED) {
            // Most are of incarnations that have ended.
            cached.clear();
        }
        byte[] token = signer.sign(claims, method);
        cached.put(target, new Issued(claims, token));
        return token;
    }
}
