package io.millrace.metadata.log;

import org.jspecify.annotations.Nullable;

/** A failure of a metadata log, with an action for the operator in the message. */
public abstract sealed class LogException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private LogException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The log or its bucket is unavailable; retriable. */
    public static final class Unavailable extends LogException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Stored bytes differ from the bytes written. The message names the file or object and the
     * offset.
     */
    public static final class Corrupt extends LogException {
        private static final long serialVersionUID = 1L;

        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The bucket is not of the log's cluster. Requires an operator. */
    public static final class ForeignBucket extends LogException {
        private static final long serialVersionUID = 1L;

        public ForeignBucket(String message) {
            super(message, null);
        }
    }

    /** Another process has the log open. */
    public static final class InUse extends LogException {
        private static final long serialVersionUID = 1L;

        public InUse(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
