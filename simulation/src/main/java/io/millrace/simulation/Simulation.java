package io.millrace.simulation;

import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.fault.EtcdRestore;
import io.millrace.simulation.fault.FaultInjector;
import io.millrace.simulation.fault.LagInjector;
import io.millrace.simulation.invariant.DeletionCount;
import io.millrace.simulation.invariant.DeletionProgress;
import io.millrace.simulation.invariant.FinalBucketCheck;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.invariant.RestoredCluster;
import io.millrace.simulation.invariant.RestoredLog;
import io.millrace.simulation.invariant.WaitingBlocks;
import io.millrace.simulation.workload.FinalReader;
import io.millrace.simulation.workload.SimulatedClients;
import io.millrace.simulation.workload.WholeBatchReader;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import io.millrace.simulation.world.Trace;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run with a cluster, clients and faults, determined by the seed. One thread per run; runs may be
 * parallel.
 */
public final class Simulation {

    private static final Duration TICK = Duration.ofMillis(20);
    private static final Duration LATEST_ARRIVAL = Duration.ofSeconds(20);
    private static final Duration RECOVERY = Duration.ofSeconds(120);

    /** The longest time for which compaction does not retry an unreadable object. */
    private static final Duration MAX_SKIP_TIME = Duration.ofMinutes(10);

    /**
     * @param hash a hash of the trace, identical for every run of the seed
     * @param violation the first violation, or null
     */
    public record Result(
            long seed,
            long hash,
            long events,
            long entries,
            int acknowledged,
            int rejected,
            long keyCompactions,
            long removed,
            long tombstonesRemoved,
            long recompressed,
            long recompressedByKey,
            long recompressedLate,
            long restores,
            long multipartUploads,
            long skippedInputs,
            long lateReads,
            long rejectedForDebt,
            long delayed,
            long peerReads,
            long deletedByTime,
            long deletedBySize,
            long incompleteDeletes,
            boolean restored,
            long expiries,
            long malformedAccepted,
            long malformedRejected,
            Map<DeletionCount.Kind, Long> deletions,
            Duration virtualTime,
            @Nullable String violation) {

        public String describeViolation() {
            return "seed %d: %s%n  replay: simulation/run --seed %d --trace"
                    .formatted(seed, violation, seed);
        }
    }

    private final long seed;
    private final Trace trace;
    private final SimulatedCluster cluster;
    private final SimulatedClients clients;
    private final FaultInjector faultInjector;
    private final LagInjector lags;
    private final EtcdRestore etcdRestore;
    private final Duration faultTime;
    private final Duration mergesStopFor;

    /** The node that starts from the retained state alone after the last fault, if present. */
    private final int restoredNode;

    /** True if entries follow the last fault until nothing is left in its grace period. */
    private final boolean awaitsDeletions;

    private Simulation(long seed, @Nullable PrintStream out) {
        this.seed = seed;
        trace = new Trace(out);
        SplittableRandom random = new SplittableRandom(seed);
        cluster = new SimulatedCluster(random.split(), trace);
        clients = new SimulatedClients(cluster);
        faultInjector = new FaultInjector(cluster);
        lags = new LagInjector(cluster);
        etcdRestore = new EtcdRestore(cluster);
        faultTime = FaultState.between(random, 3000, 16_000);
        restoredNode = random.nextInt(6);
        mergesStopFor = FaultState.between(random, 5000, 16_000);
        awaitsDeletions = random.nextInt(4) == 0 && !cluster.hasRestore;
    }

    /**
     * @param out receives the trace; null for none
     */
    static Result run(long seed, @Nullable PrintStream out) {
        return new Simulation(seed, out).run();
    }

    private Result run() {
        try {
            cluster.nodes.forEach(SimulatedNode::start);
            clients.start();
            // Other seeds keep their traces.
            clients.startKafka(new SplittableRandom(~seed));
            faultInjector.start();
            if (cluster.hasLags) {
                lags.start();
            }
            if (cluster.maxExtents > 0) {
                cluster.world.schedule(Duration.ofSeconds(1), this::stopMerges);
            }
            if (cluster.hasRestore) {
                etcdRestore.start(faultTime);
            }
            advance(faultTime);
            lags.end();
            faultInjector.end();
            if (restoredNode < cluster.nodes.size()) {
                cluster.nodes.get(restoredNode).crash();
            }
            recover();
        } catch (RuntimeException bug) {
            cluster.violations.add("the run ended with " + bug + " at " + bug.getStackTrace()[0]);
        }
        return new Result(
                seed,
                trace.hash(),
                trace.events(),
                cluster.logCheck.newest(),
                cluster.records.acknowledgedCount(),
                cluster.records.rejectedCount(),
                cluster.keyCompaction.reportedCleanings(),
                cluster.keyCompaction.removed(),
                cluster.keyCompaction.tombstonesRemoved(),
                cluster.batchIntegrity.recompressed(),
                cluster.batchIntegrity.recompressedByKey(),
                cluster.batchIntegrity.recompressedLate(),
                cluster.restores.restores(),
                cluster.uploads.completed(),
                (long) cluster.merges.counter("millrace.merge.damaged").count(),
                cluster.grace.lateReads(),
                cluster.backpressure.rejected(),
                cluster.backpressure.delayed(),
                cluster.peerReads,
                cluster.retention.deletedByTime(),
                cluster.retention.deletedBySize(),
                cluster.faults.incompleteDeletes,
                cluster.restored() != null,
                cluster.expiry.expiries(),
                cluster.malformed.accepted(),
                cluster.malformed.rejected(),
                cluster.deletions.counts(),
                Duration.ofNanos(cluster.world.nanoTime()),
                cluster.violations.first());
    }

    private boolean isSound() {
        return cluster.violations.first() == null;
    }

    private void stopMerges() {
        long until = cluster.world.nanoTime() + mergesStopFor.toNanos();
        cluster.faults.mergesStoppedUntil = Math.max(cluster.faults.mergesStoppedUntil, until);
        trace.note(cluster.world.nanoTime(), "merges stop", 0, mergesStopFor.toMillis(), 0);
    }

    private void advance(Duration time) {
        long end = cluster.world.nanoTime() + time.toNanos();
        while (isSound() && cluster.world.nanoTime() < end) {
            cluster.world.advance(TICK);
        }
    }

    /**
     * Advances the time until the condition is true; adds a violation if recovery takes too long.
     */
    private void await(BooleanSupplier so, Supplier<String> whatIsMissing) {
        long begin = cluster.world.nanoTime();
        while (isSound() && !so.getAsBoolean()) {
            Duration recovery = cluster.maySkipObjects() ? RECOVERY.plus(MAX_SKIP_TIME) : RECOVERY;
            if (cluster.world.nanoTime() - begin >= recovery.toNanos()) {
                cluster.violations.add(
                        "not recovered %d s after the last fault: %s"
                                .formatted(recovery.toSeconds(), whatIsMissing.get()));
                return;
            }
            cluster.world.advance(TICK);
        }
    }

    private void recover() {
        WaitingBlocks waiting = new WaitingBlocks(cluster);
        await(waiting::isEmpty, waiting::toString);
        cluster.damage.heal();
        await(
                () -> clients.unfinished().isEmpty(),
                () -> "clients that are not done: " + clients.unfinished());
        await(this::allServe, () -> "some nodes do not serve");
        await(
                () -> cluster.liveEntries() <= cluster.maxLiveEntriesAtRest(),
                () ->
                        "etcd holds %d log entries, of epochs %d to %d"
                                .formatted(
                                        cluster.liveEntries(),
                                        cluster.firstLiveEpoch(),
                                        cluster.epoch()));
        clients.stopReaders();
        List<PartitionName> places = new ArrayList<>(clients.places());
        // Messages in flight arrive first.
        advance(LATEST_ARRIVAL);
        await(this::allAgree, () -> "the nodes do not reach the same state");
        // The deletion of a topic may have been in flight too.
        places.retainAll(clients.places());
        List<FinalReader> readings = new ArrayList<>();
        for (PartitionName place : places) {
            for (SimulatedNode node : cluster.nodesWith(Role.FETCH)) {
                readings.add(new FinalReader(cluster, node, place));
            }
        }
        readings.forEach(FinalReader::start);
        List<WholeBatchReader> wholeBatches = new ArrayList<>();
        if (clients.hasMalformed()) {
            for (SimulatedNode node : cluster.nodesWith(Role.FETCH)) {
                wholeBatches.add(new WholeBatchReader(cluster, node, PartitionName.OF_MALFORMED));
            }
        }
        wholeBatches.forEach(WholeBatchReader::start);
        await(
                () -> readings.stream().allMatch(FinalReader::isDone),
                () -> "unfinished: " + readings.stream().filter(r -> !r.isDone()).toList());
        await(
                () -> wholeBatches.stream().allMatch(WholeBatchReader::isDone),
                () -> "unfinished: " + wholeBatches);
        // Events of finished clients may still arrive at the groups.
        await(
                () -> clients.unfinished().isEmpty(),
                () -> "clients that are not done after the final reads: " + clients.unfinished());
        if (cluster.hasCloseClocks) {
            await(cluster.retention::areAllDeletedByTime, cluster.retention::toString);
        }
        FinalBucketCheck bucket = new FinalBucketCheck(cluster, cluster.nodes.getFirst());
        bucket.start();
        await(bucket::isDone, bucket::toString);
        if (awaitsDeletions) {
            DeletionProgress deletions = new DeletionProgress(cluster);
            deletions.start();
            await(deletions::isDone, deletions::toString);
        }
        if (cluster.hasExpiry()) {
            await(cluster::areAllProducersExpired, () -> "idle producers do not expire");
        }
        if (isSound()) {
            cluster.records.checkEnd(cluster.topicsToDelete);
            cluster.order.checkEnd(places);
            cluster.restores.checkEnd();
        }
        if (isSound() && etcdRestore.hasBackup()) {
            restoreEtcd();
        }
    }

    private void restoreEtcd() {
        etcdRestore.restore();
        await(() -> cluster.restored() != null, () -> "etcd is not restored");
        RestoredLog log = cluster.restored();
        if (log == null) {
            return;
        }
        RestoredCluster restored = new RestoredCluster(cluster, log);
        await(restored::isServing, () -> "some nodes have no new generation");
        etcdRestore.end();
        advance(LATEST_ARRIVAL);
        await(this::allAgree, () -> "the nodes do not reach the same state after the restore");
        restored.start();
        await(restored::isDone, restored::toString);
    }

    private boolean allServe() {
        return cluster.nodes.stream().allMatch(node -> node.serving() != null);
    }

    private boolean allAgree() {
        Long digest = null;
        for (SimulatedNode node : cluster.nodes) {
            NodeProcess process = node.serving();
            MetadataReplica replica = process == null ? null : process.replica();
            if (replica == null || (digest != null && digest != replica.digest())) {
                return false;
            }
            digest = replica.digest();
        }
        return true;
    }
}
