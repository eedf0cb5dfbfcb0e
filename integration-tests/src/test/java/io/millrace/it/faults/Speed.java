package io.millrace.it.faults;

import java.util.Optional;

/**
 * The speed of a store.
 *
 * @param put the latency from the last byte of an upload to the answer; empty for none
 * @param get the latency from any other request to the first byte of the answer; empty for none
 * @param bytesPerSecond the throughput of one connection, in each direction
 */
public record Speed(Optional<Latency> put, Optional<Latency> get, long bytesPerSecond) {

    /** The speed of the server behind the proxy. */
    public static final Speed UNCHANGED =
            new Speed(Optional.empty(), Optional.empty(), Long.MAX_VALUE);

    /** A speed like that of S3 Standard. */
    public static final Speed S3_STANDARD =
            new Speed(
                    Optional.of(Latency.ofMillis(100, 300)),
                    Optional.of(Latency.ofMillis(50, 150)),
                    85_000_000);
}
