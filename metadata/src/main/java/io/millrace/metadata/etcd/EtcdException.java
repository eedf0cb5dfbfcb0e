package io.millrace.metadata.etcd;

import org.jspecify.annotations.Nullable;

/** A failure of etcd. */
public final class EtcdException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The kinds of failure. */
    public enum Kind {
        /** No answer or no leader. The request may have taken effect. */
        UNAVAILABLE,
        /** The requested history is compacted. */
        COMPACTED,
        /**
         * The space quota is used up. Only the transaction that first exceeded the quota may have
         * taken effect.
         */
        NO_SPACE,
        /** etcd rejects this user, password or certificate. The request had no effect. */
        DENIED,
        /** etcd rejects the request. The request had no effect. */
        REJECTED
    }

    private final Kind kind;

    public EtcdException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
