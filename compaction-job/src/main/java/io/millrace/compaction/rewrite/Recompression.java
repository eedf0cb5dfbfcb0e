package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.RangeReader;
import io.millrace.metadata.topic.SegmentCompression;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.storage.stream.Slice;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;

/**
 * Compresses batches anew on their way from WAL blocks into a segment, where their topic asks for
 * it: once, as segments are merged again. A batch that does not get smaller, or whose records
 * cannot be decoded, stays as it is. Any thread.
 */
public final class Recompression implements BatchRewrite {

    /**
     * Of zstd no level above this one: each batch would take up to hundreds of MiB outside the
     * heap, and as it is hardly ever larger than their windows, gain nothing.
     */
    static final int MAX_ZSTD_LEVEL = 19;

    private final Map<Long, Compression> byTopic;

    private Recompression(Map<Long, Compression> byTopic) {
        this.byTopic = byTopic;
    }

    /** As the topics ask for now. */
    public static BatchRewrite of(Topics topics) {
        Map<Long, Compression> byTopic = new HashMap<>();
        for (Topic topic : topics.all()) {
            topic.settings()
                    .segmentCompression()
                    .ifPresent(wanted -> byTopic.put(topic.id(), compression(wanted)));
        }
        return byTopic.isEmpty() ? NONE : new Recompression(byTopic);
    }

    /** As the library takes it. */
    public static Compression compression(SegmentCompression wanted) {
        return switch (wanted.codec()) {
            case GZIP -> {
                var gzip = Compression.gzip();
                wanted.level().ifPresent(gzip::level);
                yield gzip.build();
            }
            case LZ4 -> {
                var lz4 = Compression.lz4();
                wanted.level().ifPresent(lz4::level);
                yield lz4.build();
            }
            case ZSTD -> {
                var zstd = Compression.zstd();
                wanted.level().ifPresent(level -> zstd.level(Math.min(level, MAX_ZSTD_LEVEL)));
                yield zstd.build();
            }
        };
    }

    @Override
    public Slice of(RangeReader.Found batch) {
        Compression wanted = byTopic.get(batch.range().topicId());
        if (wanted == null || batch.from().object().id().hasOffsets()) {
            return batch.bytes();
        }
        try {
            BatchRecords records = new BatchRecords(batch);
            if (records.areMarkers()) {
                return batch.bytes();
            }
            Slice smaller = records.only(record -> true, wanted, records.deleteHorizonMs());
            return smaller.length() < batch.bytes().length() ? smaller : batch.bytes();
        } catch (RuntimeException undecodable) {
            // What a producer sent is its affair, as long as its checksum holds.
            return batch.bytes();
        }
    }
}
