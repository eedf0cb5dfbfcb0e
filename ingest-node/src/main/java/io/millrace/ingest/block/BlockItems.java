package io.millrace.ingest.block;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.protocol.batch.BatchHeader;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the items that describe a block's batches in the log. Adjacent batches of a partition
 * without a producer id become one item, which limits the entry's size. Pure.
 */
final class BlockItems {

    private final long appendTimeMs;
    private final List<BatchItem> items = new ArrayList<>();
    private boolean open;
    private long topicId;
    private int partition;
    private int offsetCount;
    private long position;
    private int length;
    private long maxTimestampMs;

    /**
     * @param appendTimeMs milliseconds since 1970; dates batches without timestamps
     */
    BlockItems(long appendTimeMs) {
        this.appendTimeMs = appendTimeMs;
    }

    /**
     * @param at the position of the first byte in the object
     */
    void add(PartitionRun run, BlockBatch batch, long at) {
        byte[] array = batch.array();
        int header = batch.at();
        int count = BatchHeader.recordCount(array, header);
        long ownMs = BatchHeader.maxTimestampMs(array, header);
        long timestampMs = ownMs == BatchHeader.NO_TIMESTAMP ? appendTimeMs : ownMs;
        long producerId = BatchHeader.producerId(array, header);
        if (producerId >= 0) {
            flush();
            batch.placeInItem(items.size(), 0);
            ProducerStamp stamp =
                    new ProducerStamp(
                            producerId,
                            BatchHeader.producerEpoch(array, header),
                            BatchHeader.baseSequence(array, header));
            items.add(
                    new BatchItem(
                            run.topic().id(),
                            run.partition(),
                            count,
                            at,
                            batch.sizeBytes(),
                            timestampMs,
                            stamp));
            return;
        }
        if (!continues(run, at, count, batch.sizeBytes())) {
            flush();
            begin(run, at);
        }
        batch.placeInItem(items.size(), offsetCount);
        offsetCount += count;
        length += batch.sizeBytes();
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
    }

    List<BatchItem> build() {
        flush();
        return items;
    }

    private boolean continues(PartitionRun run, long at, int count, int sizeBytes) {
        return open
                && partition == run.partition()
                && topicId == run.topic().id()
                && position + length == at
                && count <= Integer.MAX_VALUE - offsetCount
                && sizeBytes <= Integer.MAX_VALUE - length;
    }

    private void begin(PartitionRun run, long at) {
        open = true;
        topicId = run.topic().id();
        partition = run.partition();
        offsetCount = 0;
        position = at;
        length = 0;
        maxTimestampMs = Long.MIN_VALUE;
    }

    private void flush() {
        if (open) {
            items.add(
                    new BatchItem(
                            topicId,
                            partition,
                            offsetCount,
                            position,
                            length,
                            maxTimestampMs,
                            ProducerStamp.NONE));
            open = false;
        }
    }
}
