package io.millrace.server.grpc.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.protocol.v1.peer.PeerGrpc;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tokens of one node, verified by another. */
class TokenVerifierTest {

    private static final long CALLER = 0x1111111111111111L;
    private static final long CALLEE = 0x2222222222222222L;
    private static final String METHOD = "millrace.internal.v1.Peer/ReadChunk";

    private final TokenSigner signer = new TokenSigner(secret("ab"));
    private long callee = CALLEE;
    private final TokenVerifier verifier = new TokenVerifier(signer, () -> callee);
    private long nowNanos;
    private final NodeCredentials credentials =
            new NodeCredentials(signer, () -> CALLER, () -> nowNanos);

    private static NodeSecret secret(String digits) {
        return NodeSecret.parse(digits.repeat(32)).orElseThrow();
    }

    private static byte[] token(TokenSigner by, long age) {
        return by.sign(new TokenClaims(CALLER, CALLEE, age), METHOD);
    }

    private byte[] token(long age) {
        return token(signer, age);
    }

    private byte[] tokenNow(MethodDescriptor<?, ?> method) {
        return Objects.requireNonNull(
                credentials.headers(CALLEE, method).get(NodeCredentials.TOKEN));
    }

    private Optional<String> rejection(byte[] token) {
        return verifier.rejection(token, METHOD);
    }

    @Test
    void aTokenIsAcceptedForItsMethodOnly() {
        assertThat(rejection(token(0))).isEmpty();
        assertThat(TokenSigner.claims(token(0)).caller()).isEqualTo(CALLER);
        assertThat(verifier.rejection(token(0), "millrace.internal.v1.Peer/AnnounceObject"))
                .hasValueSatisfying(why -> assertThat(why).contains("not signed"));
    }

    @Test
    void aMissingForeignOrChangedTokenIsRejected() {
        assertThat(verifier.rejection(null, METHOD)).contains("has no token");
        assertThat(rejection(new byte[0])).isPresent();
        assertThat(rejection(token(new TokenSigner(secret("cd")), 0))).isPresent();
        for (int i = 0; i < token(0).length; i++) {
            byte[] changed = token(0);
            changed[i] ^= 1;
            assertThat(rejection(changed)).as("byte %d", i).isPresent();
        }
    }

    @Test
    void aTokenIsVoidForAnotherIncarnationOfTheCallee() {
        callee++;
        assertThat(rejection(token(0)))
                .hasValueSatisfying(why -> assertThat(why).contains("an earlier life"));
    }

    @Test
    void aTokenIsVoidTwoMinutesAfterItsSuccessor() {
        byte[] captured = token(7);
        assertThat(rejection(captured)).isEmpty();
        assertThat(rejection(token(8))).isEmpty();
        assertThat(rejection(captured)).isEmpty();
        assertThat(rejection(token(9))).isEmpty();
        assertThat(rejection(captured))
                .hasValueSatisfying(why -> assertThat(why).contains("replaced since"));
    }

    @Test
    void aForgedTimeDoesNotVoidTokens() {
        assertThat(rejection(token(new TokenSigner(secret("cd")), Long.MAX_VALUE))).isPresent();
        assertThat(rejection(token(0))).isEmpty();
    }

    @Test
    void aTokenIsSignedOnceAMinute() {
        var method = PeerGrpc.getReadChunkMethod();
        byte[] first = tokenNow(method);
        nowNanos = Duration.ofSeconds(59).toNanos();
        byte[] sameMinute = tokenNow(method);
        nowNanos = Duration.ofSeconds(60).toNanos();
        byte[] nextMinute = tokenNow(method);

        assertThat(sameMinute).isSameAs(first);
        assertThat(nextMinute).isNotEqualTo(first);
        assertThat(rejection(first)).isEmpty();
        assertThat(rejection(nextMinute)).isEmpty();
    }
}
