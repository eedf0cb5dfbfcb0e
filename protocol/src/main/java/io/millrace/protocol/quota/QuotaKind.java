package io.millrace.protocol.quota;

import java.util.Arrays;
import java.util.Optional;

/** A rate that a quota limits. */
public enum QuotaKind {
    /** Bytes that clients send to a node, in bytes per second. */
    BYTES_IN(1, "bytes-in"),
    /** Bytes that a node sends to clients, in bytes per second. */
    BYTES_OUT(2, "bytes-out"),
    /** Requests, in requests per second. */
    REQUESTS(3, "requests");

    private final int code;
    private final String text;

    QuotaKind(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** Returns the kind with a code; empty if there is none. */
    public static Optional<QuotaKind> withCode(int code) {
        return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
    }

    /** Returns the number of the kind in requests and in the log. */
    public int code() {
        return code;
    }

    /** Returns the name of the kind in commands and metrics. */
    public String text() {
        return text;
    }
}
