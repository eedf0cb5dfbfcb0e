package io.millrace.kafka.auth;

import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.Authenticator;
import io.millrace.security.authentication.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;

/**
 * An authentication by a token in the only message of the client.
 *
 * @param tokenIn returns the token in a message; empty if the message is malformed
 */
record BearerExchange(
        SaslMechanism mechanism,
        Authenticator authenticator,
        Function<String, Optional<String>> tokenIn)
        implements MechanismExchange {

    @Override
    public Result next(byte[] message) {
        Optional<String> token = tokenIn.apply(new String(message, StandardCharsets.UTF_8));
        if (token.isEmpty()) {
            return MechanismExchange.malformed(mechanism);
        }
        CheckedCredentials presented =
                new PresentedCredentials(authenticator, new Credentials.Bearer(token.get()));
        return switch (presented.check()) {
            case Authentication.Accepted accepted ->
                    new Result.Proven(new byte[0], presented, accepted);
            case Authentication.Rejected rejected -> new Result.Refused(rejected);
        };
    }
}
