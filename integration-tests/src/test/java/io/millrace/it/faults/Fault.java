package io.millrace.it.faults;

import java.time.Duration;

/** A fault of a request. */
public sealed interface Fault {

    /** The request is answered with an error and has no effect. */
    record Refusal(int status, String code, String message) implements Fault {}

    /** The connection is reset in the middle of the request, which has no effect. */
    record Reset() implements Fault {}

    /** The request is served after a delay. */
    record Stall(Duration duration) implements Fault {}

    /** The request has no effect and receives no answer; the connection stays open. */
    record HalfOpen() implements Fault {}

    /** The request takes effect, but the answer never arrives; the connection stays open. */
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
