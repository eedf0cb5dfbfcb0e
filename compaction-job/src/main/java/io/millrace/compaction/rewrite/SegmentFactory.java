package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.RangeReader;
import io.millrace.compaction.input.RecentObjects;
import io.millrace.compaction.rewrite.SegmentCopy.CopiedSegment;
import io.millrace.compaction.throttle.MergeRateLimiter;
import io.millrace.metadata.Metadata;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A factory of range readers and segment writers that assigns the ids of this process's segments.
 * Owned by the metadata's event loop.
 */
public final class SegmentFactory {

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final RecentObjects recent;
    private final String cluster;
    private final MergeRateLimiter rateLimiter;
    private long written;

    public SegmentFactory(
            Metadata metadata,
            ObjectStore bucket,
            RecentObjects recent,
            String cluster,
            MergeRateLimiter pace) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.recent = recent;
        this.cluster = cluster;
        this.rateLimiter = pace;
    }

    /** Returns a reader that is not started. */
    public RangeReader reader(List<MergeRange> ranges, MergeSettings settings, Executor worker) {
        return new RangeReader(bucket, recent, cluster, ranges, settings, worker);
    }

    /**
     * Returns a writer of consecutive segments, with one request per input for all segments.
     *
     * @param segments sorted by topic, partition and offset
     */
    public SegmentWriter writer(
            List<PlannedSegment> segments,
            BatchRewrite rewrite,
            MergeSettings settings,
            Executor worker) {
        List<MergeRange> ranges =
                segments.stream().flatMap(segment -> segment.ranges().stream()).toList();
        return new SegmentWriter(
                new ArrayDeque<>(segments),
                reader(ranges, settings, worker),
                rewrite,
                settings,
                worker);
    }

    /** A writer of consecutive segments, one at a time. Owned by the metadata's event loop. */
    public final class SegmentWriter {

        private final ArrayDeque<PlannedSegment> segments;
        private final RangeReader reader;
        private final BatchRewrite rewrite;
        private final MergeSettings settings;
        private final Executor worker;

        private SegmentWriter(
                ArrayDeque<PlannedSegment> segments,
                RangeReader reader,
                BatchRewrite rewrite,
                MergeSettings settings,
                Executor worker) {
            this.segments = segments;
            this.reader = reader;
            this.rewrite = rewrite;
            this.settings = settings;
            this.worker = worker;
            worker.execute(reader::start);
        }

        Optional<PlannedSegment> next() {
            return Optional.ofNullable(segments.peek());
        }

        CompletableFuture<CopiedSegment> write() {
            PlannedSegment segment = segments.remove();
            ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, metadata.incarnation(), written++);
            return new SegmentCopy(
                            bucket,
                            cluster,
                            id,
                            segment,
                            reader,
                            rewrite,
                            settings,
                            rateLimiter,
                            worker)
                    .start();
        }

        /** Releases the reader; no segment can be written afterwards. */
        void close() {
            worker.execute(reader::close);
        }
    }
}
