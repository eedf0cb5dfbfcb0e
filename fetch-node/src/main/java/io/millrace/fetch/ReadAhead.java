package io.millrace.fetch;

import io.millrace.fetch.cache.ObjectReader;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Loads the next chunks of sequential readers of old data. The readers share a part of the cache,
 * so that their chunks do not evict each other. Owned by the fetch node's event loop.
 */
final class ReadAhead {

    private static final int CACHE_DIVISOR = 4;

    /** Idle time after which a reader no longer counts as sequential. */
    private static final Duration MAX_READER_IDLE = Duration.ofSeconds(10);

    private final Metadata metadata;
    private final EventLoop loop;
    private final ObjectReader reader;
    private final OffloadedRangeCache offloadedRanges;
    private final int chunkBytes;
    private final int maxChunks;
    private final int allChunks;

    /** Times of the last sequential read by partition, in ascending order. */
    private final Map<PartitionId, Long> readers = new LinkedHashMap<>();

    ReadAhead(
            FetchSettings settings,
            Metadata metadata,
            EventLoop loop,
            ObjectReader reader,
            OffloadedRangeCache offloadedRanges) {
        this.metadata = metadata;
        this.loop = loop;
        this.reader = reader;
        this.offloadedRanges = offloadedRanges;
        chunkBytes = settings.chunkBytes();
        maxChunks = settings.readAheadChunks();
        allChunks = (int) (settings.chunkCacheBytes() / CACHE_DIVISOR / chunkBytes);
    }

    /**
     * Called after a sequential read from the bucket.
     *
     * @param position the position of the offset, if in the first contiguous run
     */
    void readFrom(long topicId, int partition, long offset, Optional<Long> position) {
        int chunks = Math.min(maxChunks, allChunks / readers(topicId, partition));
        if (chunks == 0) {
            return;
        }
        Optional<PartitionLog> log = metadata.view().partition(topicId, partition);
        if (log.isEmpty()
                || offset < log.get().logStartOffset()
                || offset >= log.get().highWatermark()) {
            return;
        }
        List<ObjectReader.ObjectRange> parts = new ArrayList<>();
        long from = position.orElse(0L);
        for (ContiguousRun next :
                ContiguousRun.of(
                        offloadedRanges.extents(log.get(), offset, (long) chunks * chunkBytes))) {
            from = Math.max(from, next.position());
            if (from < next.endPosition()) {
                parts.add(
                        new ObjectReader.ObjectRange(
                                next.object(), from, next.endPosition() - from));
            }
            from = 0;
        }
        reader.readAhead(parts, chunks);
    }

    /** Returns the number of sequential readers, including the given reader. */
    private int readers(long topicId, int partition) {
        long now = loop.nanoTime();
        PartitionId key = new PartitionId(topicId, partition);
        readers.remove(key);
        readers.put(key, now);
        Iterator<Long> max = readers.values().iterator();
        while (now - max.next() > MAX_READER_IDLE.toNanos()) {
            max.remove();
        }
        return readers.size();
    }
}
