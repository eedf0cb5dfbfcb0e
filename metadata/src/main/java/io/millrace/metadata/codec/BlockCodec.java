package io.millrace.metadata.codec;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.proto.BlockCommitted;
import java.util.ArrayList;
import java.util.List;

/** The codec of a block's batches in columns, about ten bytes per batch before compression. */
final class BlockCodec {

    private BlockCodec() {}

    static BlockCommitted encode(Command.BlockCommitted block) {
        BlockCommitted.Builder out =
                BlockCommitted.newBuilder()
                        .setObject(ObjectsCodec.encode(block.object()))
                        .setAppendTimeMs(block.appendTimeMs());
        encodeRuns(block.items(), out);
        boolean anyIdempotent =
                block.items().stream().anyMatch(item -> item.producer().isIdempotent());
        long end = 0;
        long producerId = 0;
        for (BatchItem item : block.items()) {
            out.addOffsetCount(item.offsetCount());
            out.addGap(item.position() - end);
            out.addLength(item.length());
            out.addTimestamp(item.maxTimestampMs() - block.appendTimeMs());
            end = item.position() + item.length();
            if (anyIdempotent) {
                out.addIdempotent(item.producer().isIdempotent());
            }
            if (item.producer().isIdempotent()) {
                ProducerStamp producer = item.producer();
                out.addProducer(producer.producerId() - producerId);
                out.addEpoch(producer.epoch());
                out.addBaseSequence(producer.baseSequence());
                producerId = producer.producerId();
            }
        }
        return out.build();
    }

    private static void encodeRuns(List<BatchItem> items, BlockCommitted.Builder out) {
        long topicId = 0;
        int partition = 0;
        int from = 0;
        while (from < items.size()) {
            BatchItem first = items.get(from);
            int to = from + 1;
            while (to < items.size()
                    && items.get(to).topicId() == first.topicId()
                    && items.get(to).partition() == first.partition()) {
                to++;
            }
            out.addRunTopicId(first.topicId() - topicId);
            out.addRunPartition(first.partition() - partition);
            out.addRunItems(to - from);
            topicId = first.topicId();
            partition = first.partition();
            from = to;
        }
    }

    static Command.BlockCommitted decode(BlockCommitted block) {
        List<BatchItem> items = new ArrayList<>(block.getOffsetCountCount());
        boolean anyIdempotent = block.getIdempotentCount() > 0;
        long topicId = 0;
        int partition = 0;
        long end = 0;
        int stamps = 0;
        long producerId = 0;
        for (int run = 0; run < block.getRunItemsCount(); run++) {
            topicId += block.getRunTopicId(run);
            partition += block.getRunPartition(run);
            for (int i = 0; i < block.getRunItems(run); i++) {
                int at = items.size();
                ProducerStamp producer = ProducerStamp.NONE;
                if (anyIdempotent && block.getIdempotent(at)) {
                    producerId += block.getProducer(stamps);
                    producer =
                            new ProducerStamp(
                                    producerId,
                                    (short) block.getEpoch(stamps),
                                    block.getBaseSequence(stamps));
                    stamps++;
                }
                BatchItem item =
                        new BatchItem(
                                topicId,
                                partition,
                                block.getOffsetCount(at),
                                end + block.getGap(at),
                                block.getLength(at),
                                block.getTimestamp(at) + block.getAppendTimeMs(),
                                producer);
                end = item.position() + item.length();
                items.add(item);
            }
        }
        return new Command.BlockCommitted(
                ObjectsCodec.decode(block.getObject()), block.getAppendTimeMs(), items);
    }
}
