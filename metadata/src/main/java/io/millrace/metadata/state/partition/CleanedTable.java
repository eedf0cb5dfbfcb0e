package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.CleanedTo;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.feature.Digest;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The cleaned offsets of partitions of compacted topics. */
public final class CleanedTable {

    private record Place(long topicId, int partition) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byTopic = Long.compare(topicId, other.topicId);
            return byTopic == 0 ? Integer.compare(partition, other.partition) : byTopic;
        }
    }

    private final TopicTable topics;
    private final Digest digest;
    private final TreeMap<Place, Long> offsets = new TreeMap<>();

    public CleanedTable(TopicTable topics, Digest digest) {
        this.topics = topics;
        this.digest = digest;
    }

    public long offset(long topicId, int partition) {
        return offsets.getOrDefault(new Place(topicId, partition), 0L);
    }

    public Outcome clean(Command.KeysCompacted command) {
        if (topics.snapshot().withId(command.topicId()).isEmpty()) {
            return TopicTable.unknownTopic(command.topicId());
        }
        List<RowOutcome> rows = new ArrayList<>(command.rows().size());
        for (CleanedTo row : command.rows()) {
            rows.add(clean(command.topicId(), row));
        }
        return new Outcome.Rows(rows);
    }

    private RowOutcome clean(long topicId, CleanedTo row) {
        PartitionState partition = topics.partition(topicId, row.partition());
        if (partition == null) {
            return new RowOutcome.Rejected(Reason.UNKNOWN_PARTITION);
        }
        if (row.offset() > partition.highWatermark()) {
            return new RowOutcome.Rejected(Reason.OFFSET_OUT_OF_RANGE);
        }
        Place place = new Place(topicId, row.partition());
        if (row.offset() <= offsets.getOrDefault(place, 0L)) {
            return new RowOutcome.Superseded();
        }
        offsets.put(place, row.offset());
        digest.add(row.offset());
        return new RowOutcome.Accepted();
    }

    public void forgetTopic(long topicId) {
        offsets.subMap(new Place(topicId, 0), true, new Place(topicId, Integer.MAX_VALUE), true)
                .clear();
    }

    public StateSnapshot.Part freeze() {
        TreeMap<Place, Long> frozen = new TreeMap<>(offsets);
        return out -> {
            out.putInt(frozen.size());
            frozen.forEach((place, offset) -> {
                out.putLong(place.topicId());
                out.putInt(place.partition());
                out.putLong(offset);
            });
        };
    }

    public void readFrom(SnapshotReader in) {
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            offsets.put(new Place(in.getLong(), in.getInt()), in.getLong());
        }
    }
}
