package io.millrace.runtime.trace;

import java.util.Optional;

/**
 * The identity of a span in its trace, as in the header {@code traceparent} of the W3C
 * recommendation "Trace Context".
 *
 * @param traceId 32 lower-case hexadecimal digits, not all zero
 * @param spanId 16 lower-case hexadecimal digits, not all zero
 * @param sampled true if the caller records the trace
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {

    /** The length of a {@code traceparent} in characters. */
    public static final int LENGTH = 55;

    private static final int TRACE_ID_AT = 3;
    private static final int SPAN_ID_AT = 36;
    private static final int FLAGS_AT = 53;

    public TraceContext {
        if (!isId(traceId, 0, traceId.length(), 32) || !isId(spanId, 0, spanId.length(), 16)) {
            throw new IllegalArgumentException("Not the ids of a span: " + traceId + "-" + spanId);
        }
    }

    /**
     * Parses a {@code traceparent} of any version with the fields of version 00. Returns empty if
     * the text is invalid: a wrong header must not fail its request.
     */
    public static Optional<TraceContext> parse(CharSequence text) {
        boolean wellFormed =
                text.length() == LENGTH
                        && text.charAt(TRACE_ID_AT - 1) == '-'
                        && text.charAt(SPAN_ID_AT - 1) == '-'
                        && text.charAt(FLAGS_AT - 1) == '-'
                        && areHex(text, 0, 2)
                        && !(text.charAt(0) == 'f' && text.charAt(1) == 'f')
                        && isId(text, TRACE_ID_AT, SPAN_ID_AT - 1, 32)
                        && isId(text, SPAN_ID_AT, FLAGS_AT - 1, 16)
                        && areHex(text, FLAGS_AT, LENGTH);
        if (!wellFormed) {
            return Optional.empty();
        }
        boolean sampled = (Character.digit(text.charAt(LENGTH - 1), 16) & 1) != 0;
        return Optional.of(
                new TraceContext(
                        text.subSequence(TRACE_ID_AT, SPAN_ID_AT - 1).toString(),
                        text.subSequence(SPAN_ID_AT, FLAGS_AT - 1).toString(),
                        sampled));
    }

    /** Returns the {@code traceparent}. */
    @Override
    public String toString() {
        return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
    }

    private static boolean isId(CharSequence text, int from, int to, int digits) {
        boolean zero = true;
        for (int i = from; i < to; i++) {
            zero &= text.charAt(i) == '0';
        }
        return to - from == digits && !zero && areHex(text, from, to);
    }

    private static boolean areHex(CharSequence text, int from, int to) {
        for (int i = from; i < to; i++) {
            char digit = text.charAt(i);
            if (!(digit >= '0' && digit <= '9' || digit >= 'a' && digit <= 'f')) {
                return false;
            }
        }
        return true;
    }
}
