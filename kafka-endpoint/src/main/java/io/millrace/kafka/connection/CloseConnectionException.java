package io.millrace.kafka.connection;

/** Closes the connection of a request instead of an answer, as the Kafka protocol requires. */
public final class CloseConnectionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message the cause, for the debug log
     */
    public CloseConnectionException(String message) {
        super(message, null, false, false);
    }
}
