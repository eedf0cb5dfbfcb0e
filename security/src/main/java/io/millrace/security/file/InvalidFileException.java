package io.millrace.security.file;

/** A file with illegal content. The message names the place and never quotes the content. */
public final class InvalidFileException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidFileException(String message) {
        super(message);
    }
}
