package io.millrace.metadata.codec;

/**
 * Thrown when the log contains an entry of a newer version. The replica stops, because its state
 * would diverge.
 */
public final class UnsupportedEntryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnsupportedEntryException(String message) {
        super(message);
    }
}
