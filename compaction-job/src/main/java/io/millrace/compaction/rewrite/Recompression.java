package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.RangeReader;
import io.millrace.metadata.topic.SegmentCompression;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;

/**
 * Recompresses batches from WAL blocks as configured for the topic. A batch that would not become
 * smaller, cannot be decoded, or has a header with a false largest timestamp, stays unchanged. Any
 * thread.
 */
public final class Recompression implements BatchRewrite {

    /**
     * A higher zstd level takes up to hundreds of MiB of native memory per batch and gains nothing.
     */
    static final int MAX_ZSTD_LEVEL = 19;

    private final Map<Long, Compression> byTopic;

    private Recompression(Map<Long, Compression> byTopic) {
        this.byTopic = byTopic;
    }

    public static BatchRewrite of(Topics topics) {
        Map<Long, Compression> byTopic = new HashMap<>();
        for (Topic topic : topics.all()) {
            topic.settings()
                    .segmentCompression()
                    .ifPresent(wanted -> byTopic.put(topic.id(), compression(wanted)));
        }
        return byTopic.isEmpty() ? NONE : new Recompression(byTopic);
    }

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
    public Slice rewrite(RangeReader.SourceBatch batch) {
        Compression wanted = byTopic.get(batch.range().topicId());
        if (wanted == null || batch.from().object().id().hasBaseOffsets()) {
            return batch.bytes();
        }
        try {
            BatchRecords records = new BatchRecords(batch);
            if (records.isControlBatch()) {
                return batch.bytes();
            }
            Slice smaller = records.filtered(record -> true, wanted, records.deleteHorizonMs());
            return smaller.length() < batch.bytes().length()
                            && maxTimestampMs(smaller) == maxTimestampMs(batch.bytes())
                    ? smaller
                    : batch.bytes();
        } catch (RuntimeException undecodable) {
            // A batch with a valid checksum is kept unchanged.
            return batch.bytes();
        }
    }

    /** Returns the time by which retention deletes the batch. */
    private static long maxTimestampMs(Slice batch) {
        return BatchHeader.maxTimestampMs(batch.array(), batch.offset());
    }
}
