package io.millrace.compaction.merge;

import io.millrace.compaction.merge.SegmentCopy.Copied;
import io.millrace.metadata.Metadata;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Reads ranges, and writes segments under names of this process. Owned by the metadata's loop. */
final class SegmentCopies {

    private final Metadata metadata;
    private final ObjectStore bucket;
    private final RecentObjects recent;
    private final String cluster;
    private final Pace pace;
    private long segments;

    /**
     * @param cluster the name that the keys of its objects contain
     * @param pace of all that is written
     */
    SegmentCopies(
            Metadata metadata,
            ObjectStore bucket,
            RecentObjects recent,
            String cluster,
            Pace pace) {
        this.metadata = metadata;
        this.bucket = bucket;
        this.recent = recent;
        this.cluster = cluster;
        this.pace = pace;
    }

    /** A reader that is not begun. */
    RangeReader reader(List<MergeRange> ranges, MergeSettings settings, Executor worker) {
        return new RangeReader(bucket, recent, cluster, ranges, settings, worker);
    }

    /** Writes a segment; see {@link SegmentCopy#start}. */
    CompletableFuture<Copied> write(
            PlannedSegment segment, BatchRewrite rewrite, MergeSettings settings, Executor worker) {
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, metadata.incarnation(), segments++);
        return new SegmentCopy(
                        bucket,
                        cluster,
                        id,
                        segment,
                        reader(segment.ranges(), settings, worker),
                        rewrite,
                        settings,
                        pace,
                        worker)
                .start();
    }
}
