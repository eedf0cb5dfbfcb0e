package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.feature.StateLimits;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicName;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The topics and their partitions. */
public final class TopicTable {

    /** The ids of a generation start at a multiple of 2 to the power of this number. */
    private static final int GENERATION_SHIFT = 40;

    private final PartitionTables tables;
    private final Supplier<StateLimits> limits;
    // Never iterated, so the hash order is irrelevant.
    private final Map<Long, PartitionState[]> partitions = new HashMap<>();
    private final PartitionCopier copier = new PartitionCopier();
    private Topics snapshot = Topics.NONE;
    private long nextTopicId = 1;
    private long nextSerial = 1;
    private int partitionCount;

    /**
     * @param limits those in force
     * @param generation the generation of the cluster
     */
    public TopicTable(
            ObjectTable objects,
            UnreachableRanges unreachable,
            Supplier<StateLimits> limits,
            IntSupplier generation) {
        this.tables = new PartitionTables(objects, unreachable, copier, generation);
        this.limits = limits;
    }

    public Topics snapshot() {
        return snapshot;
    }

    public int partitionCount() {
        return partitionCount;
    }

    @Nullable
    public PartitionState partition(long topicId, int partition) {
        PartitionState[] all = partitions.get(topicId);
        return all != null && partition >= 0 && partition < all.length ? all[partition] : null;
    }

    public Outcome create(Command.TopicCreated command) {
        String name = command.name();
        if (!TopicName.isLegal(name)) {
            return rejected(
                    Reason.INVALID_TOPIC_NAME,
                    "Invalid topic name \""
                            + name
                            + "\": use 1 to 249 letters, digits, dots, underscores and hyphens,"
                            + " not . or .. alone.");
        }
        if (snapshot.named(name).isPresent()) {
            return rejected(Reason.TOPIC_EXISTS, "There is a topic " + name + " already.");
        }
        if (!fits(command.partitionCount(), command.partitionCount())) {
            return invalidPartitionCount(name, command.partitionCount(), 1);
        }
        TopicSettings settings;
        try {
            settings = settings(command.config());
        } catch (ProblemException invalid) {
            return new Outcome.CommandRejected(invalid.problem());
        }
        long id = Math.max(nextTopicId, firstTopicId());
        nextTopicId = id + 1;
        Topic topic = new Topic(id, name, command.partitionCount(), settings);
        partitions.put(topic.id(), new PartitionState[0]);
        addPartitions(topic);
        return publish(topic);
    }

    /**
     * Returns the first topic id of the generation. A restored state may lack topics that clients
     * know by id, so the ids of a generation are above those of earlier generations.
     */
    private long firstTopicId() {
        return ((long) tables.generation().getAsInt() - 1) << GENERATION_SHIFT;
    }

    public Outcome addPartitions(Command.PartitionsAdded command) {
        Topic topic = snapshot.withId(command.topicId()).orElse(null);
        if (topic == null) {
            return unknownTopic(command.topicId());
        }
        int added = command.partitionCount() - topic.partitionCount();
        if (added < 1 || !fits(command.partitionCount(), added)) {
            return invalidPartitionCount(
                    topic.name(), command.partitionCount(), topic.partitionCount() + 1);
        }
        Topic grown =
                new Topic(topic.id(), topic.name(), command.partitionCount(), topic.settings());
        addPartitions(grown);
        return publish(grown);
    }

    public Outcome configure(Command.TopicConfigured command) {
        Topic topic = snapshot.withId(command.topicId()).orElse(null);
        if (topic == null) {
            return unknownTopic(command.topicId());
        }
        try {
            return publish(topic.with(topic.settings().with(command.set(), command.reset())));
        } catch (ProblemException invalid) {
            return new Outcome.CommandRejected(invalid.problem());
        }
    }

    /** Removes a topic; returns null for an unknown id. */
    public PartitionState @Nullable [] delete(long topicId) {
        PartitionState[] gone = partitions.remove(topicId);
        if (gone != null) {
            snapshot = snapshot.without(snapshot.withId(topicId).orElseThrow());
            partitionCount -= gone.length;
            copier.deleted(topicId, gone);
        }
        return gone;
    }

    private boolean fits(int count, int added) {
        return count >= 1
                && count <= limits.get().partitionsPerTopic()
                && partitionCount + added <= limits.get().partitions();
    }

    private void addPartitions(Topic topic) {
        PartitionState[] before = partitions.getOrDefault(topic.id(), new PartitionState[0]);
        PartitionState[] all = Arrays.copyOf(before, topic.partitionCount());
        for (int i = before.length; i < all.length; i++) {
            all[i] = new PartitionState(topic.id(), i, nextSerial++, tables);
        }
        partitionCount += all.length - before.length;
        partitions.put(topic.id(), all);
    }

    private Outcome publish(Topic topic) {
        snapshot = snapshot.with(topic);
        return new Outcome.TopicReady(topic);
    }

    /** Topics without settings of their own share one instance. */
    private static TopicSettings settings(Map<String, String> given) {
        return given.isEmpty() ? TopicSettings.DEFAULTS : TopicSettings.parse(given);
    }

    public static Outcome unknownTopic(long topicId) {
        return rejected(
                Reason.UNKNOWN_TOPIC,
                "There is no topic with id " + topicId + "; it may have been deleted.");
    }

    private Outcome invalidPartitionCount(String topic, int count, int min) {
        return rejected(
                Reason.INVALID_PARTITION_COUNT,
                "Topic %s cannot have %d partitions: give %d to %d, and at most %d in all topics."
                        .formatted(
                                topic,
                                count,
                                min,
                                limits.get().partitionsPerTopic(),
                                limits.get().partitions()));
    }

    private static Outcome rejected(Reason reason, String message) {
        return new Outcome.CommandRejected(new Problem(reason, message));
    }

    /** Begins a copy for a snapshot of the last applied entry, to be completed in slices. */
    public TopicCopy beginCopy() {
        return new TopicCopy(snapshot, copier, this::copiedPartitions, nextTopicId, nextSerial);
    }

    /** Returns the partitions of a topic of the snapshot in progress; later ones may follow. */
    private PartitionState[] copiedPartitions(long topicId) {
        PartitionState[] deleted = copier.deleted(topicId);
        return deleted != null ? deleted : Objects.requireNonNull(partitions.get(topicId));
    }

    public void readFrom(SnapshotReader in) {
        nextTopicId = in.getLong();
        nextSerial = in.getLong();
        List<Topic> topics = new ArrayList<>();
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            long id = in.getLong();
            String name = in.getString();
            Map<String, String> given = new TreeMap<>();
            int settings = in.getCount();
            for (int j = 0; j < settings; j++) {
                given.put(in.getString(), in.getString());
            }
            PartitionState[] all = new PartitionState[in.getCount()];
            for (int j = 0; j < all.length; j++) {
                all[j] = PartitionState.readFrom(in, id, j, tables);
            }
            partitions.put(id, all);
            partitionCount += all.length;
            topics.add(new Topic(id, name, all.length, settings(given)));
        }
        snapshot = Topics.of(topics);
    }
}
