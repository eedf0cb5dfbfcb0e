package io.millrace.protocol.acl;

import java.util.Optional;

/** The effect of an ACL. If an ACL that denies and one that allows match, the denial wins. */
public enum Permission {
    DENY(2),
    ALLOW(3);

    private final int code;

    Permission(int code) {
        this.code = code;
    }

    /** Returns the permission with a code; empty if there is none. */
    public static Optional<Permission> withCode(int code) {
        return Codes.find(values(), Permission::code, code);
    }

    /** Returns the number of the permission in Kafka's protocol, in requests and in the log. */
    public int code() {
        return code;
    }
}
