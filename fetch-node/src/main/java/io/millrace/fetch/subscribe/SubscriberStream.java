package io.millrace.fetch.subscribe;

import io.millrace.protocol.error.Problem;
import java.util.Optional;

/** A stream to a client, called on the event loop of its {@link Subscriber}. */
public interface SubscriberStream {

    /** Returns the client's address, which has a share of the open fetches. */
    Object peer();

    /**
     * Returns the number of bytes of batches that may be sent now. After 0, {@link
     * Subscriber#hasRoom} is called once there is room.
     */
    int roomBytes();

    /** Sends a message. Messages other than batches are small and need no room. */
    void send(SubscriberResponse message);

    /** Ends the stream, without a problem if the client left. */
    void end(Optional<Problem> problem);
}
