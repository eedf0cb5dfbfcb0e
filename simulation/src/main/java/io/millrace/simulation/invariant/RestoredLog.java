package io.millrace.simulation.invariant;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The metadata log after a restore under a new generation: the entries of the backup and the new
 * ones. No process of an earlier generation appends an entry, no producer id is allocated twice,
 * and no object is deleted that the log references.
 */
public final class RestoredLog {

    private final WholeLog log = new WholeLog();
    private final Set<Long> earlierIncarnations;
    private final Set<Long> producerIds = new HashSet<>();
    private final Violations violations;
    private final long restoredEntries;
    private final Map<PartitionId, Long> restoredEnds = new TreeMap<>();
    private long newProducerIds;

    /**
     * @param lost the log before the restore, with the entries that the backup lacks
     * @param entries the number of entries in the backup
     * @param earlierIncarnations all incarnations before the restore
     */
    public RestoredLog(
            WholeLog lost, long entries, Set<Long> earlierIncarnations, Violations violations) {
        this.earlierIncarnations = Set.copyOf(earlierIncarnations);
        this.violations = violations;
        this.restoredEntries = entries;
        MetadataState before = new MetadataState(TestLevels.TWO);
        for (long i = 1; i <= lost.newest(); i++) {
            byte[] entry = lost.entryAt(i);
            if (before.apply(EntryCodec.decode(entry))
                    instanceof ApplyResult.Outcomes(List<Outcome> outcomes)) {
                outcomes.forEach(this::allocatedBefore);
            }
            if (i <= entries) {
                log.entry(entry);
            }
        }
        for (Topic topic : log.state().topics().all()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                PartitionId id = new PartitionId(topic.id(), i);
                restoredEnds.put(id, partition(id).orElseThrow().highWatermark());
            }
        }
    }

    private Optional<PartitionLog> partition(PartitionId id) {
        return log.state().partition(id.topicId(), id.partition());
    }

    private void allocatedBefore(Outcome outcome) {
        if (outcome instanceof Outcome.ProducerIds(long first, int count)) {
            for (long id = first; id < first + count; id++) {
                producerIds.add(id);
            }
        }
    }

    /** Applies a new entry. */
    public void entry(byte[] bytes) {
        log.entry(bytes);
        violations.check(
                !earlierIncarnations.contains(log.last().incarnation()),
                "entry %d after the restore is of incarnation %016x of an earlier generation",
                log.newest(),
                log.last().incarnation());
        restoredEnds.forEach(this::checkGenerationEnd);
        for (Outcome outcome : log.outcomes()) {
            if (outcome instanceof Outcome.ProducerIds(long first, int count)) {
                for (long id = first; id < first + count; id++) {
                    newProducerIds++;
                    violations.check(
                            producerIds.add(id),
                            "producer id %d was allocated before the restore and again",
                            id);
                }
            }
        }
    }

    /** A client that read lost records of the first generation must learn where they end. */
    private void checkGenerationEnd(PartitionId id, long restoredEnd) {
        partition(id)
                .map(known -> known.endOfGeneration(1).offset())
                .ifPresent(end ->
                        violations.check(
                                end == restoredEnd,
                                "the first generation ends at %d in %s, and the backup at %d",
                                end,
                                id,
                                restoredEnd));
    }

    public void deleting(Collection<ObjectKey> keys) {
        ReferenceCounts references = log.references().counts();
        for (ObjectKey key : keys) {
            violations.check(
                    ObjectId.parse(key, SimulatedCluster.NAME)
                            .filter(references.referenced()::contains)
                            .isEmpty(),
                    "%s is being deleted, but the restored log references it",
                    key);
        }
    }

    /** Returns whether processes of the new generation allocated producer ids. */
    public boolean hasNewProducerIds() {
        return newProducerIds > 0;
    }

    /** Returns the number of entries in the backup. */
    public long restoredEntries() {
        return restoredEntries;
    }

    /** Returns the state, which the caller must not change. */
    public MetadataState state() {
        return log.state();
    }

    public ReferenceCounts references() {
        return log.references().counts();
    }
}
