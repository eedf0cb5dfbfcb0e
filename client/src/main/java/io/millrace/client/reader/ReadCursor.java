package io.millrace.client.reader;

import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The position of a reader in one partition. Owner: the I/O thread, except for the epoch, which the
 * reader's caller raises.
 *
 * <p>A seek has two steps: the caller raises the epoch, and later the I/O thread applies the seek.
 * Requests sent before the second step carry the old epoch, so their responses are recognised as
 * outdated even if sent after the first.
 */
final class ReadCursor {

    final TopicPartition partition;

    /** Raised by every seek, to recognise data fetched before. */
    private volatile int epoch;

    private int appliedEpoch;

    private @Nullable StartPosition start;
    private long nextOffset = -1;
    private boolean stopped;

    ReadCursor(TopicPartition partition, StartPosition start) {
        this.partition = partition;
        applySeek(start, 0);
    }

    /** Invalidates all earlier requests. Called only by the reader's caller. */
    synchronized int raiseEpoch() {
        epoch = epoch + 1;
        return epoch;
    }

    /** Returns whether a request with this epoch is outdated. Any thread. */
    boolean isOutdated(int askedEpoch) {
        return askedEpoch != epoch;
    }

    int appliedEpoch() {
        return appliedEpoch;
    }

    /** Applies the seek that raised the epoch to {@code seekEpoch}. */
    void applySeek(StartPosition at, int seekEpoch) {
        appliedEpoch = seekEpoch;
        stopped = false;
        if (at instanceof StartPosition.Offset(long offset)) {
            advanceTo(offset);
        } else {
            start = at;
        }
    }

    /** Returns the start position until its offset is looked up, then null. */
    @Nullable StartPosition start() {
        return start;
    }

    /** Returns the next offset to fetch; -1 before it is known. */
    long nextOffset() {
        return nextOffset;
    }

    void advanceTo(long offset) {
        start = null;
        nextOffset = offset;
    }

    /**
     * Returns whether an error was reported to the caller, so that only a seek continues the
     * partition.
     */
    boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }
}
