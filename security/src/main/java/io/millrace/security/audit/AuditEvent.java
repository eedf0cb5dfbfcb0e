package io.millrace.security.audit;

/**
 * An operation in the audit log.
 *
 * @param timeMs the end of the operation, in milliseconds since the epoch
 * @param principal the principal of the caller; empty if the caller is not authenticated
 * @param host the IP address of the caller in text form; empty if unknown
 * @param method the full name of the called method
 * @param resource the resources of the operation, such as {@code TOPIC orders}; empty if unknown
 * @param result {@code OK}, or the reason of the failure
 * @param detail the request of a successful operation, or the message of a failure; never a secret
 * @param suppressed the number of refused operations of the principal and the method that were left
 *     out before this one
 */
public record AuditEvent(
        long timeMs,
        String principal,
        String host,
        String method,
        String resource,
        String result,
        String detail,
        long suppressed) {

    /** The result of an operation that succeeded. */
    public static final String OK = "OK";

    /** Maximum length of the resource and of the detail; longer texts are cut off. */
    public static final int MAX_TEXT_CHARS = 4_000;

    public AuditEvent {
        resource = cutOff(resource);
        detail = cutOff(detail);
    }

    AuditEvent withSuppressed(long leftOut) {
        return new AuditEvent(timeMs, principal, host, method, resource, result, detail, leftOut);
    }

    private static String cutOff(String text) {
        return text.length() <= MAX_TEXT_CHARS ? text : text.substring(0, MAX_TEXT_CHARS - 1) + "…";
    }
}
