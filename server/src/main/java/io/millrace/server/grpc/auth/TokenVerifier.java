package io.millrace.server.grpc.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the tokens of calls to this node. A token is void once its caller has sent one that is
 * two minutes newer. Only times of one process are compared, so clocks may differ. Any thread.
 */
final class TokenVerifier {

    static final int MAX_CALLERS = 1024;

    private static final int MAX_MINUTES = 1;

    private final TokenSigner signer;
    private final LongSupplier self;
    private final Map<Long, Long> newestMinutes =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Long> leastRecent) {
                    return size() > MAX_CALLERS;
                }
            };

    /**
     * @param self the supplier of this node's current incarnation; called on any thread
     */
    TokenVerifier(TokenSigner signer, LongSupplier self) {
        this.signer = signer;
        this.self = self;
    }

    /**
     * Returns why a call is rejected, as the end of a sentence about the call; empty for a valid
     * token.
     *
     * @param token null if the call has none
     */
    Optional<String> rejection(byte @Nullable [] token, String method) {
        if (token == null) {
            return Optional.of("has no token");
        }
        Optional<TokenClaims> signed = signer.verify(token, method);
        if (signed.isEmpty()) {
            return Optional.of("has a token that was not signed with this cluster's secret");
        }
        TokenClaims claims = signed.get();
        if (claims.callee() != self.getAsLong()) {
            return Optional.of("has a token for another process or an earlier life of this node");
        }
        return isCurrent(claims)
                ? Optional.empty()
                : Optional.of("has a token that its caller has replaced since");
    }

    private synchronized boolean isCurrent(TokenClaims claims) {
        long newest = newestMinutes.merge(claims.caller(), claims.minute(), Math::max);
        return claims.minute() >= newest - MAX_MINUTES;
    }
}
