package io.millrace.client.reader;

import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where a reader stands in one partition. Owner: the I/O thread, but for the epoch, which the
 * reader's caller raises.
 *
 * <p>A seek has two moments: the caller raises the epoch, and a little later the I/O thread follows
 * it. What was asked for before the second moment carries the old epoch, even if the caller has
 * raised it by then, and is recognised as outdated.
 */
final class ReadCursor {

    final TopicPartition partition;

    /** Raised by every seek, so that what was fetched before it is recognised. */
    private volatile int epoch;

    /** The epoch of the last seek that is followed. */
    private int followedEpoch;

    private @Nullable StartPosition start;
    private long nextOffset = -1;
    private boolean stopped;

    ReadCursor(TopicPartition partition, StartPosition start) {
        this.partition = partition;
        follow(start, 0);
    }

    /** Makes all outdated that was asked for until now. Only by the reader's caller. */
    synchronized int raiseEpoch() {
        epoch = epoch + 1;
        return epoch;
    }

    /** Whether something that was asked for under an epoch is outdated. From any thread. */
    boolean isOutdated(int askedEpoch) {
        return askedEpoch != epoch;
    }

    /** The epoch of what is asked for now. */
    int followedEpoch() {
        return followedEpoch;
    }

    /** Goes on elsewhere, as the seek asked that raised the epoch to this. */
    void follow(StartPosition at, int seekEpoch) {
        followedEpoch = seekEpoch;
        stopped = false;
        if (at instanceof StartPosition.Offset(long offset)) {
            advanceTo(offset);
        } else {
            start = at;
        }
    }

    /** Where to begin, until that is looked up. */
    @Nullable StartPosition start() {
        return start;
    }

    /** The next offset to ask for; -1 before it is known. */
    long nextOffset() {
        return nextOffset;
    }

    void advanceTo(long offset) {
        start = null;
        nextOffset = offset;
    }

    /** Its error is handed to the caller: only a seek goes on. */
    boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }
}
