package io.millrace.benchmarks;

import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import io.millrace.storage.stream.StreamObjectLayout;
import java.util.ArrayList;
import java.util.List;

/** A topic {@code t} with partitions written in turn, in blocks of 8 MiB. Single-threaded. */
final class WrittenTopic {

    static final int BLOCK_BYTES = 8 << 20;
    static final String CLUSTER = "bench";

    private final MetadataFixture metadata;
    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final List<SealedObject> blocks = new ArrayList<>();

    WrittenTopic(SimulatedEventLoop loop, int partitions, int batchBytes, int blockCount) {
        metadata = new MetadataFixture(loop);
        Topic topic = metadata.createTopic("t", partitions);
        byte[] batch = new byte[batchBytes];
        BatchHeader.write(batch, 0, batchBytes, BatchHeader.Fields.anonymous(0, 1, 0, 0));
        int next = 0;
        for (int block = 0; block < blockCount; block++) {
            StreamObjectBuilder builder = new StreamObjectBuilder();
            List<Integer> writtenTo = new ArrayList<>();
            for (int i = BLOCK_BYTES / batchBytes; i > 0; i--) {
                builder.add(topic.id(), next, new Slice(batch.clone(), 0, batchBytes));
                writtenTo.add(next);
                next = (next + 1) % partitions;
            }
            commit(
                    builder.seal(new ObjectId(ObjectId.Kind.WAL, 1, block)),
                    topic,
                    writtenTo,
                    batchBytes);
        }
    }

    private void commit(
            StreamObjectLayout layout, Topic topic, List<Integer> partitions, int batchBytes) {
        SealedObject block = layout.object();
        blocks.add(block);
        bucket.put(block.ref().id().key(CLUSTER), block.body()).join();
        List<BatchItem> items = new ArrayList<>(partitions.size());
        for (int place = 0; place < partitions.size(); place++) {
            int number = layout.numberAt(place);
            items.add(
                    new BatchItem(
                            topic.id(),
                            partitions.get(number),
                            1,
                            layout.position(number),
                            batchBytes,
                            0,
                            ProducerStamp.NONE));
        }
        metadata.propose(new Command.BlockCommitted(block.ref(), 0, items));
    }

    MetadataFixture metadata() {
        return metadata;
    }

    MemoryObjectStore bucket() {
        return bucket;
    }

    List<SealedObject> blocks() {
        return blocks;
    }
}
