package io.millrace.kafka.fetch;

import io.millrace.metadata.topic.PartitionId;
import org.jspecify.annotations.Nullable;

/**
 * A partition of a fetch session: the client's position, and the values that the client has
 * received. Owned by the fetch node's event loop.
 */
final class SessionPartition {

    /** A value that no answer has, so that the partition is part of the next answer. */
    private static final long NOT_SENT = -2;

    final PartitionKey key;
    private final FetchSession session;
    private long offset;
    private int maxBytes;
    private int currentLeaderEpoch;
    private int lastFetchedEpoch;
    private long sentHighWatermark = NOT_SENT;
    private long sentLogStartOffset = NOT_SENT;

    // Links of PartitionWatch.
    @Nullable PartitionId watched;
    @Nullable SessionPartition previousWatcher;
    @Nullable SessionPartition nextWatcher;

    SessionPartition(PartitionKey key, FetchSession session) {
        this.key = key;
        this.session = session;
    }

    /** Sets the position. Epochs are -1 if the client does not know them. */
    void position(long at, int limitBytes, int leaderEpoch, int fetchedEpoch) {
        offset = at;
        maxBytes = limitBytes;
        currentLeaderEpoch = leaderEpoch;
        lastFetchedEpoch = fetchedEpoch;
    }

    long offset() {
        return offset;
    }

    int maxBytes() {
        return maxBytes;
    }

    int currentLeaderEpoch() {
        return currentLeaderEpoch;
    }

    int lastFetchedEpoch() {
        return lastFetchedEpoch;
    }

    /** Called when the partition's log has changed. */
    void changed() {
        session.activate(this);
    }

    /** Returns whether the client has received other values. */
    boolean isNews(long highWatermark, long logStartOffset) {
        return highWatermark != sentHighWatermark || logStartOffset != sentLogStartOffset;
    }

    void sent(long highWatermark, long logStartOffset) {
        sentHighWatermark = highWatermark;
        sentLogStartOffset = logStartOffset;
    }

    /** Called with an answer without values: they are part of the next answer that has them. */
    void sentNoValues() {
        sent(NOT_SENT, NOT_SENT);
    }
}
