package io.millrace.metadata.state;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.state.partition.CleanedTable;
import io.millrace.metadata.state.partition.DereferencedTable;
import io.millrace.metadata.state.partition.ObjectCounts;
import io.millrace.metadata.state.partition.ObjectTable;
import io.millrace.metadata.state.partition.OffloadedRangeEntry;
import io.millrace.metadata.state.partition.PartitionState;
import io.millrace.metadata.state.partition.TopicTable;
import io.millrace.metadata.state.partition.UnreachableRanges;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** A live view of the objects in the state. */
final class StateObjects implements ObjectsView {

    private final LongSupplier entries;
    private final ObjectTable objects;
    private final TopicTable topics;
    private final UnreachableRanges unreachable;
    private final DereferencedTable dereferenced;
    private final CleanedTable cleaned;

    StateObjects(
            LongSupplier entries,
            ObjectTable objects,
            TopicTable topics,
            UnreachableRanges unreachable,
            DereferencedTable dereferenced,
            CleanedTable cleaned) {
        this.entries = entries;
        this.objects = objects;
        this.topics = topics;
        this.unreachable = unreachable;
        this.dereferenced = dereferenced;
        this.cleaned = cleaned;
    }

    @Override
    public long appliedEntries() {
        return entries.getAsLong();
    }

    @Override
    public long extentsInMemory() {
        return objects.liveExtents();
    }

    @Override
    public List<OffloadedRange> unreachableRanges(Optional<OffloadedRange> after, int max) {
        NavigableMap<UnreachableRanges.Key, OffloadedRangeEntry> rows =
                after.map(last ->
                                unreachable
                                        .ranges()
                                        .tailMap(
                                                new UnreachableRanges.Key(
                                                        last.topicId(),
                                                        last.partition(),
                                                        last.endOffset()),
                                                false))
                        .orElse(unreachable.ranges());
        return rows.entrySet().stream()
                .limit(max)
                .map(entry ->
                        entry.getValue()
                                .toOffloadedRange(
                                        entry.getKey().topicId(),
                                        entry.getKey().partition(),
                                        objects))
                .toList();
    }

    @Override
    public List<DereferencedObjects> dereferenced(long entry, int max) {
        return dereferenced.upTo(entry, max);
    }

    @Override
    public Optional<ObjectRef> find(ObjectId id) {
        return objects.find(id);
    }

    @Override
    public List<StoredObject> referencedObjects() {
        return objects.referencedObjects();
    }

    @Override
    public ObjectCount countObjects() {
        return new ObjectCounts(topics, objects);
    }

    @Override
    public Set<ObjectId> referencedAmong(Set<ObjectId> ids) {
        return objects.referencedAmong(ids);
    }

    @Override
    public long cleanedTo(long topicId, int partition) {
        return cleaned.offset(topicId, partition);
    }

    @Override
    public ExtentSearch search(Set<ObjectId> ids) {
        BitSet numbers = objects.numbersOf(ids);
        return (topicId, number) -> {
            PartitionState partition = topics.partition(topicId, number);
            return partition == null
                    ? List.of()
                    : partition.extentsIn(numbers::get).stream()
                            // Numbers of deleted objects are reused.
                            .filter(extent -> ids.contains(extent.object().id()))
                            .toList();
        };
    }
}
