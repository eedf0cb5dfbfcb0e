package io.millrace.metadata.codec;

/**
 * The log holds what this version of Millrace does not know. The replica that meets it stops:
 * skipping an entry would make it differ from the others.
 */
public final class UnsupportedEntryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnsupportedEntryException(String message) {
        super(message);
    }
}
