package io.millrace.metadata.log.etcd;

import io.millrace.metadata.log.LogManifest;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * The archives that no checkpoint covers. While no checkpoint can be stored, their list in the
 * manifest grows. Epochs are archived only up to a limit, because the manifest is a single value of
 * etcd. Owned by the event loop of the log.
 */
final class UncoveredArchives {

    private static final Logger LOG = Logger.getLogger(UncoveredArchives.class);
    private static final Duration ERROR_INTERVAL = Duration.ofMinutes(1);

    /** The part of the limit from which an error is logged. */
    private static final int ERROR_SHARE = 8;

    private final EventLoop loop;
    private final int limitBytes;
    private long lastErrorNanos;

    UncoveredArchives(EventLoop loop, int limitBytes) {
        this.loop = loop;
        this.limitBytes = limitBytes;
        this.lastErrorNanos = loop.nanoTime() - ERROR_INTERVAL.toNanos();
    }

    /** Returns whether a checkpoint must be stored before another epoch is archived. */
    boolean isFull(LogManifest manifest) {
        return manifest.uncoveredBytes() >= limitBytes;
    }

    /** Logs an error, at most once a minute, long before the limit is reached. */
    void reportIfMany(LogManifest manifest) {
        long bytes = manifest.uncoveredBytes();
        long now = loop.nanoTime();
        if (bytes >= limitBytes / ERROR_SHARE && now - lastErrorNanos >= ERROR_INTERVAL.toNanos()) {
            lastErrorNanos = now;
            LOG.errorf(
                    "No checkpoint of the metadata could be stored for %d archives. Their list takes %d of at most %d bytes; at the limit no epoch is archived and etcd fills up. See the warnings about checkpoints, and check the bucket, the connection to it and the heap of this node; checkpoints are retried.",
                    manifest.uncovered().size(), bytes, limitBytes);
        }
    }
}
