package io.millrace.kafka.auth;

import io.millrace.security.authentication.Authentication;

/** One authentication by a SASL mechanism. Owned by the event loop of the connection. */
interface MechanismExchange {

    /** The result of a message of the client. */
    sealed interface Result {

        /** The exchange continues with another message of the client. */
        record Challenge(byte[] message) implements Result {}

        /**
         * The client is authenticated.
         *
         * @param message the last message of the server
         */
        record Proven(
                byte[] message, CheckedCredentials credentials, Authentication.Accepted accepted)
                implements Result {}

        /** The client is not authenticated. */
        record Refused(Authentication.Rejected why) implements Result {}
    }

    /** Called until the result is not a challenge. */
    Result next(byte[] message);

    /** Returns the result of a message that is not of the mechanism. */
    static Result malformed(SaslMechanism mechanism) {
        return new Result.Refused(
                Authentication.rejected(
                        mechanism.method(),
                        "The message is not one of %s, so the client is not authenticated."
                                .formatted(mechanism.wireName())));
    }
}
