package io.millrace.it.faults;

import java.util.Optional;

/**
 * How fast a store is.
 *
 * @param put from the last byte of an upload to the answer; empty for no delay
 * @param get from a request to the first byte of the answer, of all other requests too
 * @param bytesPerSecond of one connection, in each direction
 */
public record Speed(Optional<Latency> put, Optional<Latency> get, long bytesPerSecond) {

    /** As that of the server behind the proxy. */
    public static final Speed UNCHANGED =
            new Speed(Optional.empty(), Optional.empty(), Long.MAX_VALUE);

    /** Like S3 Standard. */
    public static final Speed S3_STANDARD =
            new Speed(
                    Optional.of(Latency.ofMillis(100, 300)),
                    Optional.of(Latency.ofMillis(50, 150)),
                    85_000_000);
}
