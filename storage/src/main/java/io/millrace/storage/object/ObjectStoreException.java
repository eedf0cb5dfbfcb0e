package io.millrace.storage.object;

import org.jspecify.annotations.Nullable;

/** What may go wrong at a bucket. The message names the object and says what a person can do. */
public abstract sealed class ObjectStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ObjectStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** There is no such object, or it ends before the range. */
    public static final class Missing extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Missing(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store asks for fewer requests. Worth a retry after a pause. */
    public static final class Throttled extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Throttled(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store could not be reached or failed. Worth a retry. */
    public static final class Unavailable extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store has no room. Worth a retry when somebody made some. */
    public static final class Full extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Full(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The store refuses: credentials, permissions, no such bucket. A person must help. */
    public static final class Rejected extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Rejected(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Bytes arrived that are not those that were written. */
    public static final class Corrupt extends ObjectStoreException {
        private static final long serialVersionUID = 1L;

        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
