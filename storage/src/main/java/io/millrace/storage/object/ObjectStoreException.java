package io.millrace.storage.object;

import org.jspecify.annotations.Nullable;

/** A failure of an object store. The message names the object and an action. */
public abstract sealed class ObjectStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ObjectStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The object does not exist or ends before the range. */
    public static final class Missing extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Missing(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store throttles requests. Retriable after a pause. */
    public static final class Throttled extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Throttled(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store is unreachable or failed internally. Retriable. */
    public static final class Unavailable extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store has no space left. Retriable once space is free. */
    public static final class Full extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Full(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The credentials, permissions or bucket are invalid. Requires an operator. */
    public static final class RequestRejected extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public RequestRejected(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The received bytes are not the written bytes. */
    public static final class Corrupt extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
