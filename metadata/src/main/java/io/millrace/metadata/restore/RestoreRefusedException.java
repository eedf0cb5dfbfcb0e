package io.millrace.metadata.restore;

/** A restore that is impossible or unsafe, with cause, effect and action. Nothing was changed. */
public final class RestoreRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RestoreRefusedException(String message) {
        super(message);
    }
}
