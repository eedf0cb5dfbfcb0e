package io.millrace.metadata.state.partition;

import io.millrace.metadata.snapshot.SlicedPart;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The topics and partitions of a snapshot, copied in slices by the state's owner. Immutable once
 * complete.
 */
public final class TopicCopy implements SlicedPart {

    private final PartitionCopier copier;
    private final LongFunction<PartitionState[]> partitionsOf;
    private final long nextTopicId;
    private final long nextSerial;
    private final Iterator<Topic> uncopied;
    private final List<FrozenTopic> topics;
    private @Nullable FrozenTopic current;
    private int partition;

    private record FrozenTopic(Topic topic, PartitionState.Frozen[] partitions) {

        void writeTo(SnapshotWriter out) {
            out.putLong(topic.id());
            out.putString(topic.name());
            TreeMap<String, String> given = new TreeMap<>(topic.settings().given());
            out.putInt(given.size());
            given.forEach((key, value) -> {
                out.putString(key);
                out.putString(value);
            });
            out.putInt(partitions.length);
            for (PartitionState.Frozen frozen : partitions) {
                frozen.writeTo(out);
            }
        }
    }

    TopicCopy(
            Topics topics,
            PartitionCopier copier,
            LongFunction<PartitionState[]> partitionsOf,
            long nextTopicId,
            long nextSerial) {
        this.copier = copier;
        this.partitionsOf = partitionsOf;
        this.nextTopicId = nextTopicId;
        this.nextSerial = nextSerial;
        this.uncopied = topics.all().iterator();
        this.topics = new ArrayList<>(topics.all().size());
        copier.begin();
    }

    /** Copies further partitions; a topic counts as one. */
    @Override
    public boolean proceed(int max) {
        for (int left = max; left > 0; left--) {
            FrozenTopic topic = current;
            if (topic != null && partition < topic.partitions.length) {
                PartitionState[] live = partitionsOf.apply(topic.topic.id());
                topic.partitions[partition] = copier.copy(live[partition]);
                partition++;
            } else if (uncopied.hasNext()) {
                Topic next = uncopied.next();
                current = new FrozenTopic(next, new PartitionState.Frozen[next.partitionCount()]);
                topics.add(current);
                partition = 0;
            } else {
                copier.end();
                return true;
            }
        }
        return false;
    }

    @Override
    public void cancel() {
        copier.end();
    }

    @Override
    public void writeTo(SnapshotWriter out) {
        out.putLong(nextTopicId);
        out.putLong(nextSerial);
        out.putInt(topics.size());
        topics.forEach(topic -> topic.writeTo(out));
    }
}
