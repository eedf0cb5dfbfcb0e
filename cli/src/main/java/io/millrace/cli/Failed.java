package io.millrace.cli;

/** A command did not do what it was asked, for a reason that its message says in a sentence. */
final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(String message) {
        super(message);
    }
}
