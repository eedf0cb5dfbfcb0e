package io.millrace.metadata.etcd;

import org.jspecify.annotations.Nullable;

/** What may go wrong at etcd. */
public final class EtcdException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The kinds of failures. */
    public enum Kind {
        /** It did not answer, or has no leader. What was asked may have happened. */
        AWAY,
        /** The history that was asked for is compacted. */
        COMPACTED,
        /**
         * Its space quota is used up. The transaction that met the quota first may have happened
         * all the same, those behind it have not.
         */
        NO_SPACE,
        /** It does not accept this user, password or certificate; nothing happened. */
        DENIED,
        /** It did not like the request; nothing happened. */
        REJECTED
    }

    private final Kind kind;

    public EtcdException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What kind of failure it is. */
    public Kind kind() {
        return kind;
    }
}
