package io.millrace.fetch.subscribe;

import io.millrace.protocol.error.Problem;
import java.util.Optional;

/** The rights of a subscription's client. Owned by the subscriber's event loop. */
public interface ReadAccess {

    /** All topics may be read. */
    ReadAccess ALL = topic -> Optional.empty();

    /**
     * Returns the reason why records of the topic must not be sent, and offsets of the topic must
     * not be committed; empty if the client has the right now.
     */
    Optional<Problem> refusal(String topic);
}
