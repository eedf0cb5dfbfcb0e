package io.millrace.fetch.subscribe;

import io.millrace.protocol.error.Problem;
import java.util.Optional;

/** The way to a client. Called on the loop of its {@link Subscriber}. */
public interface SubscriberStream {

    /**
     * How many bytes of batches may be sent now. If there are none, {@link Subscriber#hasRoom} is
     * called once there are.
     */
    int roomBytes();

    /** Sends something. What is no batches is small, and goes whatever room there is. */
    void send(SubscriberResponse message);

    /**
     * Nothing more comes.
     *
     * @param problem why; empty if the client left
     */
    void end(Optional<Problem> problem);
}
