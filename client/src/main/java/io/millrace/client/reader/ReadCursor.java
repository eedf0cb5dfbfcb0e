package io.millrace.client.reader;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The position of a reader in a partition. Owner: the I/O thread, except for the epoch, which the
 * reader's caller raises.
 *
 * <p>A seek has two steps: the caller raises the epoch, and later the I/O thread applies the seek.
 * Requests sent in between carry the old epoch, so that their responses are recognised as outdated.
 */
final class ReadCursor {

    final TopicPartition partition;

    private volatile int epoch;

    private int appliedEpoch;

    private @Nullable StartPosition start;

    /** The position that gave {@code nextOffset}; null after the first batch. */
    private @Nullable StartPosition lookedUp;

    private long nextOffset = -1;

    /** The id of the topic that was read; 0 before the first response. */
    private long topicId;

    private boolean stopped;
    private @Nullable MillraceException failure;
    private int consecutiveFailures;

    ReadCursor(TopicPartition partition, StartPosition start) {
        this.partition = partition;
        applySeek(start, 0);
    }

    synchronized int raiseEpoch() {
        epoch = epoch + 1;
        return epoch;
    }

    /** Returns whether a request is outdated. Any thread. */
    boolean isOutdated(int askedEpoch) {
        return askedEpoch != epoch;
    }

    int appliedEpoch() {
        return appliedEpoch;
    }

    void applySeek(StartPosition at, int seekEpoch) {
        appliedEpoch = seekEpoch;
        stopped = false;
        topicId = 0;
        succeeded();
        if (at instanceof StartPosition.Offset(long offset)) {
            advanceTo(offset);
        } else {
            start = at;
            lookedUp = null;
        }
    }

    /** Returns the start position; null after the look-up of its offset. */
    @Nullable StartPosition start() {
        return start;
    }

    long topicId() {
        return topicId;
    }

    long nextOffset() {
        return nextOffset;
    }

    /** Continues at the offset of the start position. */
    void startAt(long offset) {
        StartPosition of = start;
        advanceTo(offset);
        lookedUp = of;
    }

    /**
     * Looks the start position up again, if retention removed the start before the first batch was
     * read. Not for the end of a partition, where that would skip records.
     *
     * @return false if the position is not looked up again
     */
    boolean lookUpAgain() {
        if (lookedUp instanceof StartPosition.Beginning
                || lookedUp instanceof StartPosition.Timestamp) {
            start = lookedUp;
            lookedUp = null;
            return true;
        }
        return false;
    }

    void advanceTo(long offset) {
        start = null;
        lookedUp = null;
        nextOffset = offset;
    }

    /** Returns the retriable failure of the last response; null after a success. */
    @Nullable MillraceException failure() {
        return failure;
    }

    int consecutiveFailures() {
        return consecutiveFailures;
    }

    void failed(MillraceException retriable) {
        failure = retriable;
        consecutiveFailures++;
    }

    void succeeded(long readTopicId) {
        topicId = readTopicId;
        succeeded();
    }

    void succeeded() {
        failure = null;
        consecutiveFailures = 0;
    }

    /** Returns whether an error was reported, so that only a seek continues the partition. */
    boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }
}
