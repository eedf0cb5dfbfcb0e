package io.millrace.kafka.connection;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Executes the requests of one API.
 *
 * @param <Q> the generated message of the request
 * @param <A> the generated message of the answer
 */
public interface ApiHandler<Q extends ApiMessage, A extends ApiMessage> {

    ApiKeys api();

    /** Returns the oldest version, by default that of the Kafka library. */
    default short minVersion() {
        return api().oldestVersion();
    }

    /** Returns the latest version, by default the latest stable one of the Kafka library. */
    default short maxVersion() {
        return api().latestVersion(false);
    }

    /**
     * Returns whether clients may send the request before they are authenticated. Requests of other
     * APIs then close the connection.
     */
    default boolean allowsUnauthenticated() {
        return false;
    }

    /** Returns whether the client waits for an answer; otherwise the answer is not written. */
    default boolean expectsAnswer(Q request) {
        return true;
    }

    /**
     * Executes a request. Called on the event loop of the connection, in the order of the requests,
     * while earlier ones may be unfinished. Must not block.
     *
     * @param request valid until the answer, but its {@code ByteBuffer}s and records alias the
     *     received bytes, which are valid until this method returns; see {@link
     *     RequestContext#keepBytes}
     * @return completes on any thread. Expected errors are codes in the answer. {@link
     *     CloseConnectionException} closes the connection without an answer; any other failure is a
     *     bug and closes the connection too. The connection cancels the future when it is closed.
     */
    CompletableFuture<A> handle(RequestContext context, Q request);
}
