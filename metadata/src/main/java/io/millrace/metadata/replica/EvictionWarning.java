package io.millrace.metadata.replica;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Warns about producers that were forgotten before their time, at most once a minute. Owned by the
 * event loop.
 */
final class EvictionWarning {

    private static final Logger LOG = Logger.getLogger(EvictionWarning.class);
    private static final long INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();

    private final EventLoop loop;
    private final Duration producerLife;
    private long warned;
    private long lastNanos;

    /**
     * @param producerLife the time without writes after which a producer should be forgotten
     */
    EvictionWarning(EventLoop loop, Duration producerLife) {
        this.loop = loop;
        this.producerLife = producerLife;
        this.lastNanos = loop.nanoTime() - INTERVAL_NANOS;
    }

    /** Notes the evictions up to now without a warning. */
    void begin(long evictions) {
        warned = evictions;
    }

    void check(long evictions) {
        if (evictions == warned || loop.nanoTime() - lastNanos < INTERVAL_NANOS) {
            return;
        }
        LOG.warnf(
                "The sequences of %d (producer, partition) pairs were forgotten before %d hours"
                        + " without writes, because too many pairs are in use. Retries of these"
                        + " producers can store duplicates: raise the heap (-Xmx) of the smallest node,"
                        + " use fewer idempotent producers, or let each write to fewer partitions.",
                evictions - warned, producerLife.toHours());
        warned = evictions;
        lastNanos = loop.nanoTime();
    }
}
