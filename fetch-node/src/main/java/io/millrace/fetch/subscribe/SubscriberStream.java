package io.millrace.fetch.subscribe;

import io.millrace.protocol.error.Problem;
import java.util.Optional;

/** The stream to a client. Called on the event loop of its {@link Subscriber}. */
public interface SubscriberStream {

    /**
     * Returns the number of bytes of batches that may be sent now. After a return of 0, {@link
     * Subscriber#hasRoom} is called when there is room.
     */
    int roomBytes();

    /** Sends a message. Messages other than batches are small and are sent regardless of room. */
    void send(SubscriberResponse message);

    /**
     * Ends the stream.
     *
     * @param problem the reason; empty if the client left
     */
    void end(Optional<Problem> problem);
}
