package io.millrace.compaction.merge;

import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import java.util.ArrayList;
import java.util.List;

/** Gathers the batches of one range, as they are written, into extents. One owner. */
final class NewExtents {

    private final MergeRange range;
    private final List<NewExtent> extents = new ArrayList<>();
    private long baseOffset;
    private long position;
    private int length;
    private long maxTimestampMs;

    NewExtents(MergeRange range) {
        this.range = range;
    }

    /** A batch lies behind the others of the range. */
    void add(long batchOffset, long batchPosition, int sizeBytes, long timestampMs) {
        if (length > 0 && length + sizeBytes > MergeSettings.EXTENT_BYTES) {
            end(batchOffset);
        }
        if (length == 0) {
            baseOffset = extents.isEmpty() ? firstOffset() : batchOffset;
            position = batchPosition;
            maxTimestampMs = timestampMs;
        }
        length += sizeBytes;
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
    }

    private long firstOffset() {
        return range.extents().getFirst().baseOffset();
    }

    private void end(long endOffset) {
        extents.add(new NewExtent(baseOffset, endOffset, position, length, maxTimestampMs));
        length = 0;
    }

    /** The range is written. */
    Replacement finish() {
        end(range.extents().getLast().endOffset());
        return new Replacement(range.topicId(), range.partition(), extents);
    }
}
