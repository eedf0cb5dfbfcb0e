package io.millrace.storage.object.s3;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Location of the bucket and connection settings. Credentials are those of the AWS default chain.
 *
 * @param region the region; empty for the region of the environment or profile
 * @param pathStyle whether the bucket's name is part of the path, as servers other than AWS require
 * @param connections the maximum number of concurrent connections
 * @param idleTimeout the time without progress in sending or receiving after which a request fails,
 *     so that it is retried on another connection
 * @param requestTimeout the timeout for a whole request, including the response
 */
public record S3Settings(
        String bucket,
        Optional<String> region,
        Optional<URI> endpoint,
        boolean pathStyle,
        int connections,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration requestTimeout) {

    /**
     * Default silence: far longer than S3 takes to respond, and short enough for a timely retry.
     */
    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofSeconds(5);

    public S3Settings {
        if (bucket.isBlank()) {
            throw new IllegalArgumentException("the bucket has no name: use s3://NAME");
        }
        if (connections < 1) {
            throw new IllegalArgumentException("S3 needs connections, not " + connections);
        }
        if (!connectTimeout.isPositive()
                || !idleTimeout.isPositive()
                || !requestTimeout.isPositive()) {
            throw new IllegalArgumentException("S3 timeouts must be positive");
        }
    }

    /** Returns default settings for a bucket at AWS, or at the endpoint if present. */
    public static S3Settings of(String bucket, Optional<URI> endpoint) {
        return new S3Settings(
                bucket,
                Optional.empty(),
                endpoint,
                endpoint.isPresent(),
                64,
                Duration.ofSeconds(3),
                DEFAULT_IDLE_TIMEOUT,
                Duration.ofSeconds(30));
    }
}
