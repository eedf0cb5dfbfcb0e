package io.millrace.metadata.replica;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Warns, at most once a minute, while the state takes more than four fifths of its share of this
 * node's heap. Owned by the event loop.
 */
final class SizeWarning {

    private static final Logger LOG = Logger.getLogger(SizeWarning.class);
    private static final long INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MIB = 1 << 20;

    private final EventLoop loop;
    private final long shareBytes;
    private long lastNanos;

    /**
     * @param shareBytes the share of this node's heap
     */
    SizeWarning(EventLoop loop, long shareBytes) {
        this.loop = loop;
        this.shareBytes = shareBytes;
        this.lastNanos = loop.nanoTime() - INTERVAL_NANOS;
    }

    /** Returns whether a warning was due. */
    boolean check(long stateBytes) {
        if (stateBytes <= shareBytes / 5 * 4 || loop.nanoTime() - lastNanos < INTERVAL_NANOS) {
            return false;
        }
        lastNanos = loop.nanoTime();
        LOG.warnf(
                "The metadata take about %d MiB of the %d MiB that this node's heap has for them."
                        + " With more partitions, extents, producers or groups the node can run out"
                        + " of memory: raise the heap (-Xmx) of every node, or delete topics or"
                        + " groups.",
                stateBytes / MIB, shareBytes / MIB);
        return true;
    }
}
