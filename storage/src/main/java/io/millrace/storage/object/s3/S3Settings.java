package io.millrace.storage.object.s3;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * The location of a bucket and connection settings.
 *
 * @param region the region; empty for the region of the environment or profile
 * @param pathStyle true for servers other than AWS: the bucket's name is part of the path
 * @param encryption the encryption of written objects
 * @param idleTimeout the time without progress after which a request fails
 */
public record S3Settings(
        String bucket,
        Optional<String> region,
        Optional<URI> endpoint,
        boolean pathStyle,
        ObjectEncryption encryption,
        int connections,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration requestTimeout) {

    /** Far longer than S3 takes to respond, and short enough for a timely retry. */
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

    /** Returns default settings for AWS, or for the endpoint if present. */
    public static S3Settings of(String bucket, Optional<URI> endpoint) {
        return new S3Settings(
                bucket,
                Optional.empty(),
                endpoint,
                endpoint.isPresent(),
                new ObjectEncryption.OfBucket(),
                64,
                Duration.ofSeconds(3),
                DEFAULT_IDLE_TIMEOUT,
                Duration.ofSeconds(30));
    }

    public S3Settings withEncryption(ObjectEncryption method) {
        return new S3Settings(
                bucket,
                region,
                endpoint,
                pathStyle,
                method,
                connections,
                connectTimeout,
                idleTimeout,
                requestTimeout);
    }
}
