package io.millrace.metadata.codec;

/**
 * Thrown when the log contains an entry of a newer version of Millrace. The replica stops: skipping
 * an entry would make its state differ from the other replicas.
 */
public final class UnsupportedEntryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnsupportedEntryException(String message) {
        super(message);
    }
}
