package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import java.util.ArrayList;
import java.util.List;

/** Groups the batches of one range into extents as they are written. One owner. */
final class NewExtents {

    private final MergeRange range;
    private final List<NewExtent> extents = new ArrayList<>();
    private long baseOffset;
    private long endOffset;
    private long position;
    private int length;
    private long maxTimestampMs;

    NewExtents(MergeRange range) {
        this.range = range;
        this.endOffset = range.extents().getFirst().baseOffset();
    }

    /**
     * Appends a batch. Missing offsets before the batch belong to its extent, so that every extent
     * ends with a batch.
     */
    void add(long batchEndOffset, long batchPosition, int sizeBytes, long timestampMs) {
        if (length > 0 && length + sizeBytes > MergeSettings.EXTENT_BYTES) {
            end();
        }
        if (length == 0) {
            baseOffset = endOffset;
            position = batchPosition;
            maxTimestampMs = timestampMs;
        }
        length += sizeBytes;
        endOffset = batchEndOffset;
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
    }

    private void end() {
        extents.add(new NewExtent(baseOffset, endOffset, position, length, maxTimestampMs));
        length = 0;
    }

    Replacement finish() {
        end();
        return new Replacement(range.topicId(), range.partition(), extents);
    }
}
