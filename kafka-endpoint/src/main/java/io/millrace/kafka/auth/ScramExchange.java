package io.millrace.kafka.auth;

import io.millrace.metadata.scram.ScramCredential;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.scram.ScramAuthenticator;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An authentication by a password in two messages of the client (RFC 5802). */
final class ScramExchange implements MechanismExchange {

    private final SaslMechanism mechanism;
    private final ScramMechanism functions;
    private final ScramAuthenticator users;
    private @Nullable Sent sent;

    /**
     * The challenge of the client.
     *
     * @param nonce the nonces of client and server
     */
    private record Sent(
            ScramMessage.First first, ScramCredential credential, String nonce, String message) {}

    ScramExchange(SaslMechanism mechanism, ScramMechanism functions, ScramAuthenticator users) {
        this.mechanism = mechanism;
        this.functions = functions;
        this.users = users;
    }

    @Override
    public Result next(byte[] message) {
        String text = new String(message, StandardCharsets.UTF_8);
        Sent challenge = sent;
        Optional<Result> result =
                challenge == null
                        ? ScramMessage.First.parse(text).map(this::challenge)
                        : ScramMessage.Last.parse(
                                        text, challenge.first().header(), challenge.nonce())
                                .map(last -> verify(challenge, last));
        return result.orElseGet(() -> MechanismExchange.malformed(mechanism));
    }

    private Result challenge(ScramMessage.First first) {
        ScramCredential credential = users.challenge(new ScramName(first.user(), functions));
        String nonce = first.nonce() + users.nonce();
        String message =
                "r=%s,s=%s,i=%d"
                        .formatted(
                                nonce,
                                base64(credential.salt().toByteArray()),
                                credential.iterations());
        sent = new Sent(first, credential, nonce, message);
        return new Result.Challenge(message.getBytes(StandardCharsets.UTF_8));
    }

    private Result verify(Sent challenge, ScramMessage.Last last) {
        byte[] signed =
                "%s,%s,%s"
                        .formatted(challenge.first().bare(), challenge.message(), last.signed())
                        .getBytes(StandardCharsets.UTF_8);
        return switch (users.verify(challenge.credential(), signed, last.proof())) {
            case Authentication.Rejected rejected -> new Result.Refused(rejected);
            case Authentication.Accepted accepted -> {
                String signature =
                        base64(ScramAuthenticator.signature(challenge.credential(), signed));
                yield new Result.Proven(
                        ("v=" + signature).getBytes(StandardCharsets.UTF_8),
                        new ScramUser(users, challenge.credential().name()),
                        accepted);
            }
        };
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
