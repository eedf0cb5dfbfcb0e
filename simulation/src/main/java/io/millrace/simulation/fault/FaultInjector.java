package io.millrace.simulation.fault;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.NodeProcess;
import io.millrace.simulation.world.NodeProcess.SealingMode;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.SimulatedNode;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Injects faults at random times until {@link #end}. The seed chooses the kinds of fault. */
public final class FaultInjector {

    enum FaultKind {
        CRASH,
        CRASH_AT_STEP,
        PAUSE,
        PAUSE_AT_STEP,
        TERMINATE,
        ETCD_UNAVAILABLE,
        ETCD_FULL,
        ETCD_COMPACTED,
        WATCHES_CUT,
        REQUESTS_CUT,
        REPLIES_CUT,
        CLIENTS_CUT,
        PEERS_CUT,
        BUCKET_UNAVAILABLE,
        BUCKET_REJECTS,
        SEALERS_CHANGE,
        SLOW_SECOND_SEALER,
        NO_EVENTS_ACROSS_EPOCHS,
        DECLARED_DEAD,
        CLOCK_JUMP,
        MERGES_STOPPED,
        OBJECTS_DAMAGED
    }

    private static final SealingMode[] SEALS = SealingMode.values();
    private static final int MAX_STEPS = 12;
    private static final int MAX_DAMAGED = 8;
    private static final Duration POLL = Duration.ofMillis(5);

    private final SimulatedCluster cluster;
    private final SplittableRandom random;
    private final List<FaultKind> faultKinds;
    private final int maxPauseMillis;
    private boolean ended;

    public FaultInjector(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.random.split();
        Set<FaultKind> chosen = EnumSet.noneOf(FaultKind.class);
        for (FaultKind blow : FaultKind.values()) {
            if (random.nextInt(5) < 2) {
                chosen.add(blow);
            }
        }
        faultKinds = new ArrayList<>(chosen);
        maxPauseMillis = 200 + random.nextInt(2000);
    }

    public void start() {
        cluster.trace.remark(0, "faults: " + faultKinds);
        scheduleNext();
    }

    private void scheduleNext() {
        if (!ended && !faultKinds.isEmpty()) {
            cluster.world.schedule(
                    FaultState.between(random, 50, maxPauseMillis),
                    () -> {
                        if (!ended) {
                            inject(faultKinds.get(random.nextInt(faultKinds.size())));
                            scheduleNext();
                        }
                    });
        }
    }

    private SimulatedNode randomNode() {
        return cluster.nodes.get(random.nextInt(cluster.nodes.size()));
    }

    private long until(int minMillis, int maxMillis) {
        return cluster.world.nanoTime()
                + FaultState.between(random, minMillis, maxMillis).toNanos();
    }

    private void inject(FaultKind blow) {
        SimulatedNode victim = randomNode();
        int node = victim.number();
        cluster.trace.note(cluster.world.nanoTime(), blow.name(), node, 0, 0);
        switch (blow) {
            case CRASH -> victim.crash();
            case CRASH_AT_STEP -> atStep(victim, victim::crash);
            case PAUSE -> pause(victim);
            case PAUSE_AT_STEP -> atStep(victim, () -> pause(victim));
            case TERMINATE -> victim.terminate(FaultState.between(random, 10, 5000));
            case ETCD_UNAVAILABLE -> {
                cluster.faults.etcdUnavailableUntil = until(50, 9000);
                if (random.nextBoolean()) {
                    cluster.nodes.forEach(FaultInjector::cutWatches);
                }
            }
            case ETCD_FULL -> {
                cluster.etcd.setFull(true);
                cluster.world.schedule(
                        FaultState.between(random, 50, 5000), () -> cluster.etcd.setFull(false));
            }
            case ETCD_COMPACTED ->
                    cluster.etcd.compactTo(cluster.etcd.revision() - random.nextInt(30));
            case WATCHES_CUT -> cutWatches(victim);
            case REQUESTS_CUT -> cluster.faults.requestsCutUntil[node] = until(50, 8000);
            case REPLIES_CUT -> {
                cluster.faults.repliesCutUntil[node] = until(50, 8000);
                NodeProcess process = victim.process();
                if (process != null && random.nextBoolean()) {
                    process.etcd.silenceWatches();
                }
            }
            case CLIENTS_CUT -> cluster.faults.clientsCutUntil[node] = until(50, 5000);
            case PEERS_CUT -> cluster.faults.peersCutUntil[node] = until(50, 9000);
            case BUCKET_UNAVAILABLE -> cluster.faults.bucketUnavailableUntil = until(50, 8000);
            case BUCKET_REJECTS -> cluster.faults.bucketRejectsUntil = until(50, 4000);
            case SEALERS_CHANGE ->
                    cluster.nodes.forEach(
                            each -> each.setSeals(SEALS[random.nextInt(SEALS.length)]));
            case SLOW_SECOND_SEALER -> {
                victim.setSeals(SealingMode.ALWAYS);
                randomNode().setSeals(SealingMode.ALWAYS);
                cluster.faults.requestsSlowUntil[node] = until(2000, 9000);
            }
            case NO_EVENTS_ACROSS_EPOCHS -> withholdEventsAcrossEpochs(victim);
            case DECLARED_DEAD -> declareDead(victim);
            case MERGES_STOPPED ->
                    cluster.faults.mergesStoppedUntil =
                            Math.max(cluster.faults.mergesStoppedUntil, until(1000, 12_000));
            case OBJECTS_DAMAGED -> damageObjects(victim);
            case CLOCK_JUMP -> victim.jumpClock(randomClockOffset());
        }
    }

    /** Returns seconds, minutes or hours, positive or negative; with close clocks, milliseconds. */
    private Duration randomClockOffset() {
        if (cluster.hasCloseClocks) {
            return SimulatedCluster.randomCloseOffset(random);
        }
        long max = 1L << (1 + random.nextInt(17));
        return Duration.ofSeconds(random.nextLong(-max, max));
    }

    /**
     * Withholds all responses and events of etcd until the epoch of the node's append is sealed.
     * Then the responses arrive, but no event: the node must append again under the new epoch.
     */
    private void withholdEventsAcrossEpochs(SimulatedNode victim) {
        NodeProcess process = victim.process();
        SimulatedNode sealer = randomNode();
        if (process == null || sealer == victim) {
            return;
        }
        sealer.setSeals(SealingMode.ALWAYS);
        process.etcd.silenceWatches();
        cluster.faults.repliesCutUntil[victim.number()] = until(20_000, 20_000);
        restoreRepliesAfter(cluster.epoch(), victim.number());
    }

    private void damageObjects(SimulatedNode victim) {
        NodeProcess witness = randomNode().serving();
        MetadataReplica replica = witness == null ? null : witness.replica();
        if (replica == null) {
            return;
        }
        Set<ObjectKey> there = Set.copyOf(cluster.bucket.keys());
        List<ObjectId> named =
                replica.objects().referencedObjects().stream()
                        .map(object -> object.object().id())
                        .filter(id -> there.contains(id.key(SimulatedCluster.NAME)))
                        .toList();
        for (int i = 1 + random.nextInt(MAX_DAMAGED); i > 0; i--) {
            cluster.damage.damage(
                    random, named, victim.number(), FaultState.between(random, 50, 12_000));
        }
    }

    private void restoreRepliesAfter(long epoch, int node) {
        if (cluster.firstLiveEpoch() > epoch) {
            cluster.faults.repliesCutUntil[node] = 0;
        } else if (!ended) {
            cluster.world.schedule(POLL, () -> restoreRepliesAfter(epoch, node));
        }
    }

    private static void cutWatches(SimulatedNode node) {
        NodeProcess process = node.process();
        if (process != null) {
            process.etcd.cutWatches();
        }
    }

    private void atStep(SimulatedNode victim, Runnable blow) {
        NodeProcess process = victim.process();
        if (process != null) {
            process.steps.runAtStep(
                    1 + random.nextInt(MAX_STEPS),
                    () -> {
                        if (!ended && victim.process() == process) {
                            blow.run();
                        }
                    });
        }
    }

    private void pause(SimulatedNode victim) {
        Duration time = FaultState.between(random, 20, 9000);
        victim.pause(time);
        if (time.toMillis() > 3000 && random.nextBoolean()) {
            // The lease expires meanwhile, and another node closes the incarnation.
            cluster.world.schedule(Duration.ofSeconds(3), () -> declareDead(victim));
        }
    }

    /**
     * Closes an incarnation of the node, as after the expiry of a lease, with or without reason.
     */
    private void declareDead(SimulatedNode victim) {
        NodeProcess witness = randomNode().serving();
        MetadataReplica replica = witness == null ? null : witness.replica();
        NodeProcess process = victim.process();
        if (witness == null || replica == null || witness == process) {
            return;
        }
        List<Long> candidates = new ArrayList<>(victim.pastIncarnations());
        if (process != null && process.replica() != null) {
            candidates.add(process.replica().incarnation());
        }
        if (!candidates.isEmpty()) {
            long incarnation =
                    random.nextInt(4) == 0
                            ? candidates.get(random.nextInt(candidates.size()))
                            : candidates.getLast();
            if (process != null
                    && !victim.pastIncarnations().contains(incarnation)
                    && process.loop.pausedFor().compareTo(NodeProcess.LEASE) < 0) {
                cluster.wrongDeaths.add(process.loop);
            }
            witness.loop.execute(() ->
                    replica.propose(
                            new Command.IncarnationClosed(incarnation), Priority.BACKGROUND));
        }
    }

    /** Repairs everything. Only objects may stay damaged. */
    public void end() {
        ended = true;
        cluster.trace.note(cluster.world.nanoTime(), "faults end", 0, 0, 0);
        cluster.faults.clear(cluster.world.nanoTime());
        cluster.etcd.setFull(false);
        cluster.damage.keepUntilHealed();
        cluster.nodes.forEach(node -> node.setSeals(SealingMode.AS_LEADER));
        cluster.nodes.forEach(SimulatedNode::useOwnId);
        cluster.nodes.forEach(SimulatedNode::resetClock);
    }
}
