package io.millrace.it.faults;

import java.time.Duration;

/** What may happen to a request instead of its being served. */
public sealed interface Fault {

    /** It is answered with an error, and not carried out. */
    record Refusal(int status, String code, String message) implements Fault {}

    /** The connection is reset in the middle of it; it is not carried out. */
    record Reset() implements Fault {}

    /** Nothing happens for a while, then it is served. */
    record Stall(Duration duration) implements Fault {}

    /** It arrives nowhere, and nothing is ever answered; the connection stays. */
    record HalfOpen() implements Fault {}

    /** It is carried out, and the answer never arrives; the connection stays. */
    record LostReply() implements Fault {}

    /** S3's throttling. */
    static Fault slowDown() {
        return new Refusal(503, "SlowDown", "Please reduce your request rate.");
    }

    static Fault internalError() {
        return new Refusal(500, "InternalError", "We encountered an internal error.");
    }

    static Fault expiredToken() {
        return new Refusal(403, "ExpiredToken", "The provided token has expired.");
    }
}
