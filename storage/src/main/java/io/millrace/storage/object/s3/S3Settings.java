package io.millrace.storage.object.s3;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the bucket is and how to speak to it. Credentials are those of the AWS default chain.
 *
 * @param region empty for the one of the environment or profile
 * @param endpoint of a server other than AWS
 * @param pathStyle whether the bucket's name stands in the path, as servers other than AWS want it
 * @param connections at most so many at a time
 * @param connectTimeout for a new connection
 * @param silence a connection that takes no byte of a request, or gives none of its answer, for so
 *     long leads nowhere: the request fails, so that it is tried again on another
 * @param requestTimeout for a whole request, its answer included
 */
public record S3Settings(
        String bucket,
        Optional<String> region,
        Optional<URI> endpoint,
        boolean pathStyle,
        int connections,
        Duration connectTimeout,
        Duration silence,
        Duration requestTimeout) {

    /** Far more than S3 takes for an answer, and short enough to try again before anybody minds. */
    public static final Duration USUAL_SILENCE = Duration.ofSeconds(5);

    public S3Settings {
        if (bucket.isBlank()) {
            throw new IllegalArgumentException("the bucket has no name: s3://NAME");
        }
        if (connections < 1) {
            throw new IllegalArgumentException("S3 needs connections, not " + connections);
        }
        if (!connectTimeout.isPositive() || !silence.isPositive() || !requestTimeout.isPositive()) {
            throw new IllegalArgumentException("S3 timeouts must be longer than nothing");
        }
    }

    /** A bucket at AWS, or at the endpoint if there is one, with settings that fit most. */
    public static S3Settings of(String bucket, Optional<URI> endpoint) {
        return new S3Settings(
                bucket,
                Optional.empty(),
                endpoint,
                endpoint.isPresent(),
                64,
                Duration.ofSeconds(3),
                USUAL_SILENCE,
                Duration.ofSeconds(30));
    }
}
