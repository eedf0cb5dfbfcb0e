package io.millrace.kafka.connection;

import java.util.List;

/** An authentication by SASL. Owned by the event loop of the connection. */
public interface SaslExchange {

    /** The result of a message of the client. */
    sealed interface Step {

        /**
         * @param lifetimeMs the time until the client must authenticate again, in milliseconds; 0
         *     for no limit
         */
        record Accepted(byte[] answer, long lifetimeMs) implements Step {}

        /** The authentication continues with the next message of the client. */
        record Continued(byte[] answer) implements Step {}

        /**
         * A rejection, after which the connection is closed.
         *
         * @param message cause and action, without secrets
         */
        record Rejected(String message) implements Step {}

        /** No mechanism has been selected. */
        record NotBegun() implements Step {}
    }

    /** Returns the names of the offered mechanisms. */
    List<String> mechanisms();

    /**
     * Selects a mechanism; returns false if the name is not offered.
     *
     * @param bareTokens whether the client sends tokens as frames, until it is authenticated
     */
    boolean begin(String mechanism, boolean bareTokens);

    /** Returns whether the next frame of the client is a token. */
    boolean expectsBareToken();

    Step step(byte[] message);
}
