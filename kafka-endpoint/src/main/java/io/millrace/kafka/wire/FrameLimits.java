package io.millrace.kafka.wire;

/**
 * Limits of a request.
 *
 * @param frameBytes the maximum length of a request
 * @param unauthenticatedBytes the maximum length of a request before the client is authenticated
 * @param reads the maximum number of fields in a request; bounds the objects of a decoded request
 */
public record FrameLimits(int frameBytes, int unauthenticatedBytes, int reads) {

    /** A batch of 16 MiB, and names and numbers of many partitions. */
    public static final FrameLimits STANDARD =
            new FrameLimits((16 << 20) + (1 << 20), 512 << 10, 4_000_000);
}
