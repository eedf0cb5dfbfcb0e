package io.millrace.ingest.block;

import io.millrace.metadata.command.BatchItem;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.StreamObjectBuilder;
import io.millrace.storage.stream.StreamObjectLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lays out a sealed block as a stream object and builds the items for the log. Pure. */
public final class BlockLayout {

    private BlockLayout() {}

    /**
     * Stamps the leader epoch, and the append time where required; returns null if every batch was
     * rejected. The batches' arrays must not be written afterwards.
     *
     * @param leaderEpoch the generation of the cluster, which Kafka clients see as the leader epoch
     */
    public static SealedBlock.@Nullable Layout layOut(SealedBlock block, int leaderEpoch) {
        StreamObjectBuilder builder = new StreamObjectBuilder(block.batches());
        for (PartitionRun run : block.runs()) {
            boolean stamp = run.topic().settings().logAppendTime();
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.rejection() == null) {
                    BatchHeader.setLeaderEpoch(batch.array(), batch.at(), leaderEpoch);
                    if (stamp) {
                        BatchHeader.stampLogAppendTime(
                                batch.array(), batch.at(), block.appendTimeMs());
                    }
                    builder.add(run.topic().id(), run.partition(), batch.slice());
                }
            }
        }
        if (builder.batchCount() == 0) {
            return null;
        }
        StreamObjectLayout layout = builder.seal(block.id());
        return new SealedBlock.Layout(layout.object(), items(block, layout));
    }

    private static List<BatchItem> items(SealedBlock block, StreamObjectLayout layout) {
        BlockItems items = new BlockItems(block.appendTimeMs());
        int number = 0;
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                if (batch.rejection() == null) {
                    items.add(run, batch, layout.position(number++));
                }
            }
        }
        return items.build();
    }
}
