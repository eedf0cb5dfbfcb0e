package io.millrace.metadata.log;

import org.jspecify.annotations.Nullable;

/** What may go wrong at a metadata log. The message says what a person can do. */
public abstract sealed class LogException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private LogException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The log or the bucket behind it cannot be used now. Worth a retry. */
    public static final class Unavailable extends LogException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Bytes are not those that were written. Names the file or object, and the byte. */
    public static final class Corrupt extends LogException {
        private static final long serialVersionUID = 1L;

        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Another process has it open. */
    public static final class InUse extends LogException {
        private static final long serialVersionUID = 1L;

        public InUse(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
