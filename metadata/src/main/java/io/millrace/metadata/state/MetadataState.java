package io.millrace.metadata.state;

import io.millrace.metadata.Metadata.PartitionListener;
import io.millrace.metadata.MetadataView;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ProducersView;
import io.millrace.metadata.acl.Acls;
import io.millrace.metadata.codec.UnsupportedEntryException;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CommandLimits;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.feature.Digest;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.feature.StateLimits;
import io.millrace.metadata.group.Groups;
import io.millrace.metadata.node.NodeNumbers;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.metadata.state.group.GroupTable;
import io.millrace.metadata.state.partition.CleanedTable;
import io.millrace.metadata.state.partition.CondemnedTable;
import io.millrace.metadata.state.partition.DereferencedTable;
import io.millrace.metadata.state.partition.ExtentMerges;
import io.millrace.metadata.state.partition.ExtentOffloads;
import io.millrace.metadata.state.partition.ObjectTable;
import io.millrace.metadata.state.partition.PartitionState;
import io.millrace.metadata.state.partition.TopicTable;
import io.millrace.metadata.state.partition.UnreachableRanges;
import io.millrace.metadata.state.producer.ProducerTable;
import io.millrace.metadata.state.security.AclTable;
import io.millrace.metadata.state.security.QuotaTable;
import io.millrace.metadata.state.security.ScramTable;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The metadata state machine: the result of all applied entries of the metadata log. {@link #apply}
 * is total and deterministic. Owned by the applying component; one thread at a time.
 */
public final class MetadataState implements MetadataView {

    private final FeatureLevels levels;
    private final DereferencedTable dereferenced = new DereferencedTable();
    private final UnreachableRanges unreachable = new UnreachableRanges();
    private final ObjectTable objects = new ObjectTable(dereferenced);
    private final TopicTable topics =
            new TopicTable(objects, unreachable, this::limits, this::generation);
    private final ProducerTable producers = new ProducerTable(() -> limits().producers());
    private final IncarnationTable incarnations = new IncarnationTable();
    private final StateChanges changes = new StateChanges();
    private final GroupTable groups =
            new GroupTable(topics, incarnations::isOpen, changes::add, () -> limits().groups());
    private final CondemnedTable condemned = new CondemnedTable(incarnations::isClosed);
    private final Digest digest = new Digest(0);
    private final CleanedTable cleaned = new CleanedTable(topics, digest);
    private final AclTable acls = new AclTable(digest, () -> limits().acls());
    private final QuotaTable quotas = new QuotaTable(digest, () -> limits().quotas());
    private final ScramTable scram = new ScramTable(digest, () -> limits().scramCredentials());
    private final NodeTable nodes = new NodeTable(digest, () -> limits().nodes());
    private final BlockCommits blocks =
            new BlockCommits(
                    objects,
                    topics,
                    producers,
                    condemned,
                    digest,
                    changes::add,
                    this::reasonInForce);
    private final ExtentMerges merges = new ExtentMerges(objects, topics, condemned, digest);
    private final ExtentOffloads offloadedRanges =
            new ExtentOffloads(objects, topics, unreachable, condemned, digest);
    private final StateObjects objectsView =
            new StateObjects(this::entries, objects, topics, unreachable, dereferenced, cleaned);

    private final List<Section> sections =
            List.of(
                    new Section(this::freezeHeader, this::readHeader),
                    new Section(incarnations::freeze, incarnations::readFrom),
                    new Section(objects::freeze, objects::readFrom),
                    new Section(topics::beginCopy, topics::readFrom),
                    new Section(producers::freeze, producers::readFrom),
                    new Section(groups::beginCopy, groups::readFrom),
                    new Section(dereferenced::freeze, dereferenced::readFrom),
                    new Section(condemned::freeze, condemned::readFrom),
                    new Section(unreachable::freeze, unreachable::readFrom),
                    new Section(cleaned::freeze, cleaned::readFrom),
                    new Section(acls::freeze, acls::readFrom),
                    new Section(quotas::freeze, quotas::readFrom),
                    new Section(this::freezeGeneration, this::readGeneration),
                    new Section(nodes::freeze, nodes::readFrom),
                    new Section(scram::freeze, scram::readFrom));

    private int featureLevel = FeatureLevels.OLDEST;
    private long entries;
    private int generation = 1;

    private record Section(Supplier<StateSnapshot.Part> freeze, Consumer<SnapshotReader> read) {}

    /** Creates the state before the first entry, with all levels of this code. */
    public MetadataState() {
        this(FeatureLevels.ALL);
    }

    public MetadataState(FeatureLevels levels) {
        this.levels = levels;
    }

    /**
     * Reads the state from a snapshot.
     *
     * @throws UnsupportedEntryException if the state is at a level above {@code levels}
     */
    public static MetadataState fromSnapshot(SnapshotReader in, FeatureLevels levels) {
        MetadataState state = new MetadataState(levels);
        state.sections.forEach(section -> section.read().accept(in));
        return state;
    }

    /**
     * Begins a snapshot of the state after the last applied entry, to be completed in slices. One
     * snapshot at a time. Only the level in force decides the format, so that every node of the
     * cluster can read every snapshot.
     */
    public SnapshotCopy beginSnapshot() {
        return new SnapshotCopy(sections.stream().map(section -> section.freeze().get()).toList());
    }

    /** Returns a snapshot at once, in some milliseconds for each 100,000 partitions. */
    public StateSnapshot snapshot() {
        return beginSnapshot().proceed(Integer.MAX_VALUE).orElseThrow();
    }

    /** Copies the section that decides whether a node can read the rest. */
    private StateSnapshot.Part freezeHeader() {
        int levelNow = featureLevel;
        long entriesNow = entries;
        long digestNow = digest.value();
        return out -> {
            out.putInt(levelNow);
            out.putLong(entriesNow);
            out.putLong(digestNow);
        };
    }

    private void readHeader(SnapshotReader in) {
        featureLevel = in.getInt();
        levels.requireSupport(featureLevel);
        entries = in.getLong();
        digest.restore(in.getLong());
    }

    private StateSnapshot.Part freezeGeneration() {
        int generationNow = generation;
        return out -> out.putInt(generationNow);
    }

    private void readGeneration(SnapshotReader in) {
        generation = in.getInt();
    }

    /**
     * Applies the next entry of the log.
     *
     * @throws UnsupportedEntryException if the entry needs a newer version of Millrace; this state
     *     must not be used afterwards
     */
    public ApplyResult apply(Entry entry) {
        entries++;
        IncarnationTable.LastEntry last = incarnations.last(entry.incarnation());
        if (last != null && entry.sequence() <= last.sequence()) {
            return new ApplyResult.Repeated(
                    entry.sequence() == last.sequence() ? last.outcomes() : List.of());
        }
        if (!incarnations.canAppend(entry.incarnation(), entry.sequence())) {
            digest.add(-1);
            return new ApplyResult.IgnoredAsClosed();
        }
        digest.add(entry.incarnation());
        digest.add(entry.sequence());
        if (entry.generation() > generation) {
            generation = entry.generation();
            digest.add(generation);
        }
        List<Outcome> outcomes = new ArrayList<>(entry.commands().size());
        for (Command command : entry.commands()) {
            Outcome outcome =
                    decideIfAllowed(command, entry.incarnation()).withReasons(this::reasonInForce);
            digest.add(outcome);
            outcomes.add(outcome);
        }
        incarnations.applied(entry.incarnation(), entry.sequence(), outcomes);
        dereferenced.finishEntry(entries);
        return new ApplyResult.Outcomes(outcomes);
    }

    private StateLimits limits() {
        return levels.limitsAt(featureLevel);
    }

    private Reason reasonInForce(Reason reason) {
        return levels.reasonAt(featureLevel, reason);
    }

    private Outcome decideIfAllowed(Command command, long proposer) {
        levels.requireSupport(command);
        return levels.rejection(command, featureLevel)
                .or(() -> CommandLimits.violation(command))
                .<Outcome>map(Outcome.CommandRejected::new)
                .orElseGet(() -> decide(command, proposer));
    }

    private Outcome decide(Command command, long proposer) {
        return switch (command) {
            case Command.BlockCommitted block -> blocks.commit(block, entries);
            case Command.TopicCreated created -> topics.create(created);
            case Command.TopicDeleted deleted -> deleteTopic(deleted.topicId());
            case Command.PartitionsAdded added -> topics.addPartitions(added);
            case Command.TopicConfigured configured -> configure(configured);
            case Command.LogStartAdvanced advanced -> advance(advanced);
            case Command.ObjectsForgotten forgotten -> {
                dereferenced.removeUpTo(forgotten.entry());
                digest.add(dereferenced.objects());
                yield new Outcome.Completed();
            }
            case Command.ExtentsReplaced replaced -> merges.replace(replaced);
            case Command.ObjectsCondemned objectsCondemned -> merges.condemn(objectsCondemned);
            case Command.ExtentsOffloaded offloaded -> offloadedRanges.offload(offloaded);
            case Command.ExtentsReloaded reloaded -> offloadedRanges.reload(reloaded);
            case Command.KeysCompacted compacted -> cleaned.clean(compacted);
            case Command.ProducerIdsAllocated allocated -> allocate(allocated);
            case Command.ProducersExpired expired -> {
                producers.expire(expired.unchangedSince());
                yield new Outcome.Completed();
            }
            case Command.ProducerCapacityRaised raised -> raiseCapacity(raised.pairs());
            case Command.IncarnationClosed closed -> {
                incarnations.close(closed.incarnation());
                condemned.removeClosed(closed.incarnation());
                yield new Outcome.Completed();
            }
            case Command.FeatureLevelRaised raised -> raise(raised.level());
            case Command.GroupClaimed claimed -> groups.claim(claimed, proposer, entries);
            case Command.GroupReleased released -> groups.release(released, proposer);
            case Command.GroupChanged change -> groups.change(change, proposer, entries);
            case Command.OffsetsCommitted commit -> groups.commit(commit, entries);
            case Command.GroupDeleted deleted -> groups.delete(deleted);
            case Command.OffsetsDeleted deleted -> groups.deleteOffsets(deleted, entries);
            case Command.MembersRemoved removed -> groups.removeMembers(removed, entries);
            case Command.GroupsExpired expired -> {
                groups.expire(expired.unchangedSince());
                yield new Outcome.Completed();
            }
            case Command.AclsChanged changed -> acls.change(changed);
            case Command.QuotasChanged changed -> quotas.change(changed);
            case Command.ScramCredentialsChanged changed -> scram.change(changed);
            case Command.NodeNumbered numbered -> nodes.number(numbered);
        };
    }

    private Outcome deleteTopic(long topicId) {
        PartitionState @Nullable [] gone = topics.delete(topicId);
        if (gone == null) {
            return TopicTable.unknownTopic(topicId);
        }
        for (PartitionState partition : gone) {
            partition.clear();
            changes.add(partition);
            producers.removePartition(partition.serial);
        }
        groups.forgetTopic(topicId);
        cleaned.forgetTopic(topicId);
        return new Outcome.Completed();
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
            return TopicTable.unknownTopic(command.topicId());
        }
        List<RowOutcome> rows = new ArrayList<>(command.starts().size());
        for (LogStart start : command.starts()) {
            rows.add(advance(topics.partition(command.topicId(), start.partition()), start));
        }
        return new Outcome.Rows(rows);
    }

    private RowOutcome advance(@Nullable PartitionState partition, LogStart start) {
        if (partition == null) {
            return new RowOutcome.Rejected(Reason.UNKNOWN_PARTITION);
        }
        if (!partition.canAdvanceLogStartTo(start.offset())) {
            return new RowOutcome.Rejected(Reason.OFFSET_OUT_OF_RANGE);
        }
        digest.add(partition.advanceLogStartTo(start.offset()));
        digest.add(partition.sizeBytes());
        changes.add(partition);
        return new RowOutcome.Accepted();
    }

    private Outcome allocate(Command.ProducerIdsAllocated command) {
        int count = command.count();
        if (!producers.canAllocate(count, command.generation())) {
            return new Outcome.CommandRejected(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "%d producer ids cannot be allocated: allocate at least 1, and fewer than are left of 2^62."
                                    .formatted(count)));
        }
        return new Outcome.ProducerIds(producers.allocate(count, command.generation()), count);
    }

    private Outcome raiseCapacity(int pairs) {
        int max = limits().maxProducers();
        if (pairs <= producers.capacity() || pairs > max) {
            return new Outcome.CommandRejected(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "%d (producer, partition) pairs are remembered; the number can only be raised, up to %d, not set to %d."
                                    .formatted(producers.capacity(), max, pairs)));
        }
        producers.raiseCapacity(pairs);
        return new Outcome.Completed();
    }

    private Outcome raise(int level) {
        levels.requireSupport(level);
        if (level <= featureLevel) {
            return new Outcome.CommandRejected(
                    new Problem(
                            Reason.MALFORMED_REQUEST,
                            "The feature level is %d and can only be raised, not set to %d."
                                    .formatted(featureLevel, level)));
        }
        featureLevel = level;
        return new Outcome.Completed();
    }

    /** Reports the partitions that changed since the last call. */
    public void reportChanges(PartitionListener listener) {
        changes.reportPartitions(listener);
    }

    /**
     * Reports the groups whose claim, members or leases changed since the last call, but not for
     * closed incarnations of coordinators.
     */
    public void reportGroupChanges(Consumer<String> listener) {
        changes.reportGroups(listener);
    }

    public Groups groups() {
        return groups;
    }

    @Override
    public Optional<PartitionLog> partition(long topicId, int partition) {
        return Optional.ofNullable(topics.partition(topicId, partition));
    }

    public ProducersView producers() {
        return (topicId, partition, max) -> {
            PartitionState found = topics.partition(topicId, partition);
            return found == null ? List.of() : producers.ofPartition(found.serial, max);
        };
    }

    public Topics topics() {
        return topics.snapshot();
    }

    public Acls acls() {
        return acls.snapshot();
    }

    public Quotas quotas() {
        return quotas.snapshot();
    }

    public ScramCredentials scramCredentials() {
        return scram.snapshot();
    }

    public NodeNumbers nodeNumbers() {
        return nodes.snapshot();
    }

    /** Returns the generation of the cluster in which the last entries were appended. */
    public int generation() {
        return generation;
    }

    public ObjectsView objects() {
        return objectsView;
    }

    public long entries() {
        return entries;
    }

    public long digest() {
        return digest.value();
    }

    public int featureLevel() {
        return featureLevel;
    }

    /** Returns the open incarnations in numerical order. */
    public List<Long> openIncarnations() {
        return List.copyOf(incarnations.open.keySet());
    }

    /**
     * Returns the open writers with condemned objects, in numerical order. Includes writers that
     * never appended an entry, unlike {@link #openIncarnations}.
     */
    public Set<Long> condemnedWriters() {
        return condemned.writers();
    }

    /**
     * Returns the entry of the longest unchanged sequences of a producer; the maximum without any.
     */
    public long oldestProducerChange() {
        return producers.oldestChange();
    }

    public Sizes sizes() {
        return new Sizes(
                topics.snapshot().all().size(),
                topics.partitionCount(),
                objects.liveExtents(),
                objects.offloadedExtents(),
                unreachable.ranges().size(),
                objects.liveCount(),
                dereferenced.objects(),
                dereferenced.bytes(),
                producers.size(),
                producers.capacity(),
                producers.evictions(),
                groups.size(),
                groups.sizeBytes(),
                acls.sizeBytes() + quotas.sizeBytes() + scram.sizeBytes());
    }

    /**
     * The sizes of the state's tables.
     *
     * @param extents in memory
     * @param producerCapacity the maximum number of producers
     * @param producerEvictions since this state was created
     * @param groupBytes the estimated size of all groups in memory
     * @param securityBytes the estimated size of all ACLs, quotas and credentials in memory
     */
    public record Sizes(
            int topics,
            int partitions,
            long extents,
            long offloaded,
            int unreachable,
            int objects,
            long dereferenced,
            long dereferencedBytes,
            int producers,
            int producerCapacity,
            long producerEvictions,
            int groups,
            long groupBytes,
            long securityBytes) {

        /** The estimated size of a topic without partitions and without settings of its own. */
        public static final int BYTES_PER_TOPIC = 400;

        /** The estimated size of a partition without extents. */
        public static final int BYTES_PER_PARTITION = 150;

        /** The estimated size of a (producer, partition) pair. */
        public static final int BYTES_PER_PRODUCER = 190;

        /**
         * Returns the estimated size of the state in memory. A function of the applied entries
         * alone, so the same on all nodes and after a checkpoint was read.
         */
        public long bytes() {
            return (long) BYTES_PER_TOPIC * topics
                    + (long) BYTES_PER_PARTITION * partitions
                    + 45 * extents
                    + 70L * objects
                    + 60 * dereferenced
                    + 100L * unreachable
                    + (long) BYTES_PER_PRODUCER * producers
                    + groupBytes
                    + securityBytes;
        }
    }
}
