package io.millrace.metadata.state;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.checkpoint.CheckpointCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;

/** A state with one writing incarnation that puts each command into an entry of its own. */
public final class StateDriver {

    private static final long INCARNATION = 9;

    private MetadataState state = new MetadataState();
    private long n;
    private long blocks;
    private int generation = 1;

    public MetadataState state() {
        return state;
    }

    /** Replaces the state by the one read from its checkpoint. */
    public void restart() {
        byte[] checkpoint = CheckpointCodec.encode(state.snapshot());
        state = CheckpointCodec.decode(checkpoint, "the checkpoint", FeatureLevels.ALL);
    }

    public Outcome apply(Command command) {
        ApplyResult applied =
                state.apply(new Entry(INCARNATION, ++n, generation, List.of(command)));
        return ((ApplyResult.Outcomes) applied).outcomes().getFirst();
    }

    /** Applies commands that share an entry. */
    void applyTogether(Command... commands) {
        state.apply(new Entry(INCARNATION, ++n, List.of(commands)));
    }

    /** The next entries are of a generation, as after a restore. */
    void generation(int next) {
        generation = next;
    }

    Topic createTopic(String name, int partitions) {
        Outcome outcome = apply(new Command.TopicCreated(name, partitions, Map.of()));
        return ((Outcome.TopicReady) outcome).topic();
    }

    long allocateProducer() {
        return allocateProducers(1);
    }

    /** Returns the first of consecutive ids. */
    long allocateProducers(int count) {
        return ((Outcome.ProducerIds) apply(new Command.ProducerIdsAllocated(count))).first();
    }

    List<ItemOutcome> commit(long appendTimeMs, BatchItem... items) {
        ObjectRef object =
                new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, blocks++), 1_000_000, 1_100_000);
        Outcome outcome = apply(new Command.BlockCommitted(object, appendTimeMs, List.of(items)));
        return ((Outcome.Block) outcome).items();
    }

    ItemOutcome write(Topic topic, int partition, ProducerStamp producer, int records) {
        return commit(5_000, new BatchItem(topic.id(), partition, records, 0, 100, 4_000, producer))
                .getFirst();
    }

    ItemOutcome write(Topic topic, long producer, int epoch, int sequence, int records) {
        return write(topic, 0, new ProducerStamp(producer, (short) epoch, sequence), records);
    }

    PartitionLog partition(Topic topic, int partition) {
        return state.partition(topic.id(), partition).orElseThrow();
    }
}
