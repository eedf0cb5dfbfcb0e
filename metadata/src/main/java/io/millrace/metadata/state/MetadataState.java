package io.millrace.metadata.state;

import io.millrace.metadata.Metadata.PartitionListener;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state machine: everything that the entries of the metadata log have decided so far. {@link
 * #apply} is total and deterministic, so that every node that applies the same entries in the same
 * order has the same state. Owned by whoever feeds it; one thread at a time.
 */
public final class MetadataState implements MetadataView {

    /** Most (producer, partition) pairs that are remembered. */
    static final int PRODUCERS_REMEMBERED = 500_000;

    private final FeatureLevels levels;
    private final DereferencedTable dereferenced = new DereferencedTable();
    private final OwedTable owed = new OwedTable();
    private final ObjectTable objects;
    private final TopicTable topics;
    private final ProducerTable producers;
    private final IncarnationTable incarnations;
    private final GroupTable groups;
    private final CondemnedTable condemned;
    private final BlockCommits blocks;
    private final ExtentMerges merges;
    private final ExtentShelves shelves;
    private final CleanedTable cleaned;
    private final Digest digest;
    private final StateObjects objectsView;
    private final Changes changes = new Changes();
    private int featureLevel;
    private long entries;

    /** The state before the first entry, at a node that knows all levels that this code has. */
    public MetadataState() {
        this(FeatureLevels.ALL);
    }

    /**
     * The state before the first entry.
     *
     * @param levels that this node knows
     */
    public MetadataState(FeatureLevels levels) {
        this.levels = levels;
        objects = new ObjectTable(dereferenced);
        topics = new TopicTable(objects, owed);
        producers = new ProducerTable(PRODUCERS_REMEMBERED);
        incarnations = new IncarnationTable();
        groups = new GroupTable(topics, incarnations::isOpen, changes::note);
        digest = new Digest(0);
        condemned = new CondemnedTable(incarnations::isClosed);
        blocks = new BlockCommits(objects, topics, producers, condemned, digest, changes::note);
        merges = new ExtentMerges(objects, topics, condemned, digest);
        shelves = new ExtentShelves(objects, topics, owed, condemned, digest);
        cleaned = new CleanedTable(topics, digest);
        objectsView = new StateObjects(this::entries, objects, topics, owed, dereferenced, cleaned);
        featureLevel = FeatureLevels.OLDEST;
    }

    private MetadataState(SnapshotReader in, FeatureLevels levels) {
        this.levels = levels;
        featureLevel = in.getInt();
        if (featureLevel > levels.newest()) {
            throw levels.tooOldFor(featureLevel);
        }
        entries = in.getLong();
        long nextProducerId = in.getLong();
        digest = new Digest(in.getLong());
        incarnations = IncarnationTable.readFrom(in);
        objects = ObjectTable.readFrom(in, featureLevel, dereferenced);
        topics = TopicTable.readFrom(in, featureLevel, objects, owed);
        producers = ProducerTable.readFrom(in, PRODUCERS_REMEMBERED, nextProducerId);
        groups = new GroupTable(topics, incarnations::isOpen, changes::note);
        if (featureLevel >= FeatureLevels.GROUPS) {
            groups.readFrom(in, featureLevel);
        }
        if (knowsRetention()) {
            dereferenced.readFrom(in);
        }
        condemned = new CondemnedTable(incarnations::isClosed);
        if (knowsMerges()) {
            condemned.readFrom(in);
        }
        if (knowsShelves()) {
            owed.readFrom(in);
        }
        cleaned = new CleanedTable(topics, digest);
        if (knowsKeys()) {
            cleaned.readFrom(in);
        }
        blocks = new BlockCommits(objects, topics, producers, condemned, digest, changes::note);
        merges = new ExtentMerges(objects, topics, condemned, digest);
        shelves = new ExtentShelves(objects, topics, owed, condemned, digest);
        objectsView = new StateObjects(this::entries, objects, topics, owed, dereferenced, cleaned);
    }

    /**
     * The state as it is now, while this one goes on. Extents are shared and not copied, so this
     * takes some milliseconds for each 100,000 partitions, whatever the number of extents. The
     * level in force alone decides the form, so that every node that may be in the cluster can read
     * what any other wrote.
     */
    public StateSnapshot snapshot() {
        List<StateSnapshot.Part> parts = new ArrayList<>();
        parts.add(incarnations.freeze());
        parts.add(objects.freeze(featureLevel));
        parts.add(topics.freeze(featureLevel));
        parts.add(producers.freeze());
        if (featureLevel >= FeatureLevels.GROUPS) {
            parts.add(groups.freeze(featureLevel));
        }
        if (knowsRetention()) {
            parts.add(dereferenced.freeze());
        }
        if (knowsMerges()) {
            parts.add(condemned.freeze());
        }
        if (knowsShelves()) {
            parts.add(owed.freeze());
        }
        if (knowsKeys()) {
            parts.add(cleaned.freeze());
        }
        return new StateSnapshot(
                featureLevel, entries, producers.nextId(), digest.value(), List.copyOf(parts));
    }

    /**
     * The state that a {@link StateSnapshot} wrote. Consumes the pieces.
     *
     * @param levels that this node knows
     * @throws UnsupportedEntryException if the state is at a level above them
     */
    static MetadataState fromSnapshot(List<ByteBuffer> pieces, FeatureLevels levels) {
        return new MetadataState(new SnapshotReader(pieces), levels);
    }

    /**
     * Applies the next entry of the log.
     *
     * @throws UnsupportedEntryException if it demands a newer version of Millrace; this state must
     *     not be used afterwards
     */
    public Applied apply(Entry entry) {
        entries++;
        IncarnationTable.Last last = incarnations.last(entry.incarnation());
        if (last != null && entry.n() <= last.n()) {
            return new Applied.Repeated(entry.n() == last.n() ? last.outcomes() : List.of());
        }
        if (!incarnations.admits(entry.incarnation(), entry.n())) {
            digest.add(-1);
            return new Applied.Closed();
        }
        digest.add(entry.incarnation());
        digest.add(entry.n());
        List<Outcome> outcomes = new ArrayList<>(entry.commands().size());
        for (Command command : entry.commands()) {
            Outcome outcome = decideIfKnown(command, entry.incarnation());
            digest.add(outcome);
            outcomes.add(outcome);
        }
        incarnations.applied(entry.incarnation(), entry.n(), outcomes);
        dereferenced.entryEnds(entries, knowsRetention());
        return new Applied.Outcomes(outcomes);
    }

    private boolean knowsRetention() {
        return featureLevel >= FeatureLevels.RETENTION;
    }

    private boolean knowsMerges() {
        return featureLevel >= FeatureLevels.MERGES;
    }

    private boolean knowsShelves() {
        return featureLevel >= FeatureLevels.SHELVES;
    }

    private boolean knowsKeys() {
        return featureLevel >= FeatureLevels.KEYS;
    }

    private Outcome decideIfKnown(Command command, long proposer) {
        int needed = FeatureLevels.neededFor(command);
        if (needed > levels.newest()) {
            throw levels.tooOldFor(needed);
        }
        if (needed > featureLevel) {
            // The reason is one that nodes of the level in force can read in a checkpoint.
            return new Outcome.Refused(
                    new Problem(
                            Reason.MALFORMED_REQUEST, FeatureLevels.tooLow(featureLevel, needed)));
        }
        return decide(command, proposer);
    }

    private Outcome decide(Command command, long proposer) {
        return switch (command) {
            case Command.BlockCommitted block -> blocks.commit(block, entries, featureLevel);
            case Command.TopicCreated created -> topics.create(created);
            case Command.TopicDeleted deleted -> deleteTopic(deleted.topicId());
            case Command.PartitionsAdded added -> topics.addPartitions(added);
            case Command.TopicConfigured configured -> configure(configured);
            case Command.LogStartAdvanced advanced -> advance(advanced);
            case Command.ObjectsForgotten forgotten -> {
                dereferenced.forget(forgotten.entry());
                digest.add(dereferenced.objects());
                yield new Outcome.Done();
            }
            case Command.ExtentsReplaced replaced -> merges.replace(replaced);
            case Command.ObjectsCondemned objectsCondemned -> merges.condemn(objectsCondemned);
            case Command.ExtentsShelved shelved -> shelves.shelve(shelved);
            case Command.ExtentsRecalled recalled -> shelves.recall(recalled);
            case Command.KeysCompacted compacted -> cleaned.clean(compacted);
            case Command.ProducerIdsAllocated allocated -> allocate(allocated.count());
            case Command.ProducersExpired expired -> {
                producers.expire(expired.unchangedSince());
                yield new Outcome.Done();
            }
            case Command.IncarnationClosed closed -> {
                incarnations.close(closed.incarnation());
                condemned.closed(closed.incarnation());
                yield new Outcome.Done();
            }
            case Command.FeatureLevelRaised raised -> raise(raised.level());
            case Command.GroupClaimed claimed -> groups.claim(claimed, proposer, entries);
            case Command.GroupReleased released -> groups.release(released, proposer);
            case Command.GroupChanged change -> groups.change(change, proposer, entries);
            case Command.OffsetsCommitted commit -> groups.commit(commit, entries);
            case Command.GroupDeleted deleted -> groups.delete(deleted);
            case Command.GroupsExpired expired -> {
                groups.expire(expired.unchangedSince());
                yield new Outcome.Done();
            }
        };
    }

    private Outcome deleteTopic(long topicId) {
        PartitionState @Nullable [] gone = topics.delete(topicId);
        if (gone == null) {
            return TopicTable.unknown(topicId);
        }
        for (PartitionState partition : gone) {
            partition.clear();
            changes.note(partition);
        }
        producers.removePartitions(Set.copyOf(serials(gone)));
        groups.forgetTopic(topicId);
        cleaned.forgetTopic(topicId);
        return new Outcome.Done();
    }

    private Outcome configure(Command.TopicConfigured command) {
        Outcome outcome = topics.configure(command);
        if (outcome instanceof Outcome.TopicReady(Topic topic)) {
            digest.add(topic.settings().given().hashCode());
        }
        return outcome;
    }

    private Outcome advance(Command.LogStartAdvanced command) {
        if (topics.snapshot().withId(command.topicId()).isEmpty()) {
            return TopicTable.unknown(command.topicId());
        }
        List<CommittedRow> rows = new ArrayList<>(command.starts().size());
        for (LogStart start : command.starts()) {
            rows.add(advance(topics.partition(command.topicId(), start.partition()), start));
        }
        return new Outcome.Offsets(rows);
    }

    private CommittedRow advance(@Nullable PartitionState partition, LogStart start) {
        if (partition == null) {
            return new CommittedRow.Rejected(Reason.UNKNOWN_PARTITION);
        }
        if (!partition.canBeginAt(start.offset())) {
            return new CommittedRow.Rejected(Reason.OFFSET_OUT_OF_RANGE);
        }
        digest.add(partition.beginAt(start.offset()));
        digest.add(partition.sizeBytes());
        changes.note(partition);
        return new CommittedRow.Counts();
    }

    private static List<Long> serials(PartitionState[] partitions) {
        return Arrays.stream(partitions).map(partition -> partition.serial).toList();
    }

    private Outcome allocate(int count) {
        if (count < 1) {
            return new Outcome.Refused(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "Ask for at least one producer id, not for " + count + "."));
        }
        return new Outcome.ProducerIds(producers.allocate(count), count);
    }

    private Outcome raise(int level) {
        if (level > levels.newest()) {
            throw levels.tooOldFor(level);
        }
        if (level <= featureLevel) {
            return new Outcome.Refused(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "The feature level is %d already; it only goes up from there, not to %d."
                                    .formatted(featureLevel, level)));
        }
        if (!knowsMerges()) {
            // No checkpoint has them so far, so who began with one does not know them either.
            objects.forgetTopics();
        }
        featureLevel = level;
        return new Outcome.Done();
    }

    /** Tells which partitions changed since the last call. */
    public void reportChanges(PartitionListener listener) {
        changes.tellPartitions(listener);
    }

    /**
     * Tells which groups' claims, members or leases changed since the last call; not those of which
     * a coordinator was closed.
     */
    public void reportGroupChanges(Consumer<String> listener) {
        changes.tellGroups(listener);
    }

    /** The consumer groups: a live view. */
    public Groups groups() {
        return groups;
    }

    @Override
    public Optional<PartitionLog> partition(long topicId, int partition) {
        return Optional.ofNullable(topics.partition(topicId, partition));
    }

    /** The topics as of the last applied entry. */
    public Topics topics() {
        return topics.snapshot();
    }

    /** What is known of objects: a live view. */
    public ObjectsView objects() {
        return objectsView;
    }

    /** How many entries are applied. */
    public long entries() {
        return entries;
    }

    /** The rolling digest of all outcomes. */
    public long digest() {
        return digest.value();
    }

    /** The version of the state machine that is in force. */
    public int featureLevel() {
        return featureLevel;
    }

    /** The incarnations that were not closed, in the order of their numbers. */
    public List<Long> openIncarnations() {
        return List.copyOf(incarnations.open.keySet());
    }

    /**
     * The writers that are not closed and of whose objects some are condemned, in the order of
     * their numbers. One that never wrote to the log is not among {@link #openIncarnations}.
     */
    public Set<Long> condemnedWriters() {
        return condemned.writers();
    }

    /** How large the parts of the state are. */
    public Sizes sizes() {
        return new Sizes(
                topics.partitionCount(),
                objects.liveExtents(),
                objects.shelvedExtents(),
                owed.rows().size(),
                objects.liveCount(),
                dereferenced.objects(),
                dereferenced.bytes(),
                producers.size(),
                groups.size());
    }

    /**
     * Row counts of the state.
     *
     * @param extents in memory
     * @param shelved extents in manifests alone
     * @param owed rows that no reader can reach any more
     * @param dereferenced objects that no extent names any more, and that are still in the bucket
     * @param dereferencedBytes of those
     */
    public record Sizes(
            int partitions,
            long extents,
            long shelved,
            int owed,
            int objects,
            long dereferenced,
            long dereferencedBytes,
            int producers,
            int groups) {}
}
