package io.millrace.server.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.server.node.StartFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * The file with the token for metrics, read again when its last reading is {@link #MAX_AGE_NANOS}
 * old, so that a token is replaced without a restart. If the file becomes unusable, the previous
 * token stays valid. Any thread; reading blocks.
 */
final class MetricsTokenFile {

    private static final Logger LOG = Logger.getLogger(MetricsTokenFile.class);
    private static final long MAX_AGE_NANOS = 10_000_000_000L;

    private final Path path;
    private final LongSupplier nanoTime;
    private MetricsToken token;
    private long readNanos;
    private boolean unusable;

    /**
     * @throws StartFailure if the file cannot be read or has no token
     */
    MetricsTokenFile(Path path, LongSupplier nanoTime) {
        this.path = path;
        this.nanoTime = nanoTime;
        try {
            token = read();
        } catch (IOException | IllegalArgumentException why) {
            throw new StartFailure(problem(why));
        }
        readNanos = nanoTime.getAsLong();
    }

    synchronized boolean allows(String authorization) {
        long now = nanoTime.getAsLong();
        if (now - readNanos >= MAX_AGE_NANOS) {
            readNanos = now;
            try {
                token = read();
                unusable = false;
            } catch (IOException | IllegalArgumentException why) {
                if (!unusable) {
                    LOG.errorf("%s The previous token stays valid.", problem(why));
                }
                unusable = true;
            }
        }
        return token.allows(authorization);
    }

    private MetricsToken read() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(4 * MetricsToken.MAX_CHARS + 2);
            return new MetricsToken(new String(bytes, UTF_8).strip());
        }
    }

    private String problem(Exception why) {
        String cause =
                why instanceof IOException io
                        ? StartFailure.sentence(io)
                        : "it must contain one token of %d to %d characters."
                                .formatted(MetricsToken.MIN_CHARS, MetricsToken.MAX_CHARS);
        return "The file %s of millrace.metrics-token-file is unusable: %s".formatted(path, cause);
    }
}
