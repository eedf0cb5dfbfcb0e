package io.millrace.simulation.world;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.compaction.bucket.BucketCheck;
import io.millrace.compaction.input.RecentObjects;
import io.millrace.compaction.offload.OffloadMetrics;
import io.millrace.compaction.throttle.MergeMetrics;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.cache.ChunkSources;
import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.fetch.zone.Zone;
import io.millrace.group.GroupMetrics;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.metadata.admin.NodeNumbering;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.etcd.EtcdMetadataLog;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.membership.etcd.EtcdMembership;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.simulation.invariant.BackpressureCheck;
import io.millrace.storage.object.HedgingObjectStore;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.RetryingObjectStore;
import io.millrace.storage.object.StorageMetrics;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One process of a node, with the production code from the log up to the write and the read path.
 */
public final class NodeProcess {

    /** The conditions under which a process seals the log. */
    public enum SealingMode {
        AS_LEADER,
        ALWAYS,
        NEVER
    }

    interface Listener {
        void ready(NodeProcess process);

        /** Called when the process has stopped itself. */
        void stopped(NodeProcess process, String why);
    }

    public static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration UPLOAD_DEADLINE = Duration.ofSeconds(4);

    public final int node;
    private final int id;
    private final NodeProfile profile;
    private final FeatureLevels levels;
    public final NodeLoop loop;
    public final StepCounter steps = new StepCounter();
    public final NodeEtcd etcd;
    private final BackpressureCheck debts;
    private final int maxExtents;
    private final MeterRegistry meters = new CompositeMeterRegistry();
    private @Nullable MetadataReplica replica;
    private @Nullable ObjectStore store;
    private @Nullable IngestNode ingest;
    private @Nullable FetchNode fetch;
    private @Nullable NodeGroups groups;
    private @Nullable KafkaPort kafka;
    private Supplier<CompletableFuture<Void>> leave = () -> CompletableFuture.completedFuture(null);

    NodeProcess(
            SimulatedCluster cluster,
            int node,
            int id,
            NodeProfile profile,
            InstantSource clock,
            FeatureLevels levels,
            Supplier<SealingMode> seals,
            Listener listener) {
        this.node = node;
        this.id = id;
        this.profile = profile;
        this.levels = levels;
        this.debts = cluster.backpressure;
        SplittableRandom random = cluster.random.split();
        this.maxExtents = cluster.maxExtents > 0 ? cluster.maxExtents : 150 << random.nextInt(5);
        loop = new NodeLoop(cluster.world);
        etcd =
                new NodeEtcd(
                        cluster.world,
                        loop,
                        cluster.etcd.client(),
                        cluster.faults,
                        steps,
                        node,
                        random.split());
        StorageMetrics storageMetrics = new StorageMetrics(meters);
        ObjectStore bucket =
                new RetryingObjectStore(
                        new HedgingObjectStore(
                                new NodeBucket(cluster, node, loop, steps, random.split()),
                                loop,
                                HedgingObjectStore.HedgePolicy.ofS3(),
                                storageMetrics),
                        loop,
                        random.split(),
                        RetryingObjectStore.RetryLimits.forProducers(UPLOAD_DEADLINE));
        EtcdMembership membership = new EtcdMembership(loop, etcd, SimulatedCluster.NAME, LEASE);
        EtcdMetadataLog log =
                new EtcdMetadataLog(
                        loop,
                        loop,
                        etcd,
                        bucket,
                        SimulatedCluster.NAME,
                        cluster.logSettings,
                        () ->
                                switch (seals.get()) {
                                    case AS_LEADER -> membership.isLeader();
                                    case ALWAYS -> true;
                                    case NEVER -> false;
                                },
                        random.split());
        ReplicaSettings replicaSettings = NodeSettings.replica(cluster, random, levels);
        membership.idTakenOver().thenAccept(why -> listener.stopped(this, why.message()));
        loop.execute(() -> {
            var unused = membership.open();
            MetadataReplica.open(
                            loop,
                            new ObservedLog(
                                    log,
                                    cluster.logCheck,
                                    node,
                                    loop,
                                    cluster::generation,
                                    entry -> applied(cluster, entry)),
                            replicaSettings,
                            membership,
                            new MetadataMetrics(meters),
                            random.split())
                    .whenComplete((opened, failure) -> {
                        if (failure != null) {
                            listener.stopped(this, String.valueOf(failure.getMessage()));
                            return;
                        }
                        openRoles(cluster, membership, opened, bucket, clock, random);
                        opened.stopped().thenAccept(why -> listener.stopped(this, why.message()));
                        join(membership, opened, listener);
                        number(opened);
                        listener.ready(this);
                    });
        });
    }

    private void openRoles(
            SimulatedCluster cluster,
            EtcdMembership membership,
            MetadataReplica opened,
            ObjectStore bucket,
            InstantSource clock,
            SplittableRandom random) {
        ZonePeers peers = new ZonePeers(cluster, this, membership, random.split());
        FetchNode reads = null;
        RecentObjects recent = RecentObjects.NONE;
        SealedObjectSink sink = SealedObjectSink.NONE;
        if (has(Role.FETCH)) {
            FetchNode node =
                    new FetchNode(
                            NodeSettings.fetch(cluster, random),
                            opened,
                            bucket,
                            loop,
                            loop,
                            new ChunkSources(
                                    ChunkStore.NONE,
                                    new Zone(membership::nodes, this::name, peers)),
                            new FetchMetrics(meters));
            reads = node;
            recent = id -> CompletableFuture.completedFuture(node.recentObject(id));
            sink = node;
            groups =
                    NodeGroups.open(
                            cluster,
                            this,
                            membership,
                            opened,
                            node,
                            clock,
                            new GroupMetrics(meters),
                            random.split());
        }
        fetch = reads;
        if (has(Role.INGEST)) {
            ingest =
                    new IngestNode(
                            NodeSettings.ingest(random, UPLOAD_DEADLINE),
                            opened,
                            bucket,
                            () -> backlog(opened, maxExtents),
                            loop,
                            clock,
                            task -> loop.schedule(Duration.ofMillis(1), task),
                            peers.announcing(sink),
                            new IngestMetrics(meters));
        }
        if (ingest != null && groups != null) {
            kafka = new KafkaPort(loop, name(), membership, opened, ingest, groups);
        }
        if (has(Role.COMPACTION)) {
            compact(
                    cluster,
                    new NodeCompaction(
                            membership, opened, bucket, meters, aloneAtTimes(cluster, random)),
                    recent,
                    clock,
                    random);
        }
        replica = opened;
        store = bucket;
    }

    private static double backlog(MetadataReplica replica, int maxExtents) {
        return (double) replica.objects().extentsInMemory() / maxExtents;
    }

    /** Returns true in periods of some seconds, if at all. */
    private static BooleanSupplier aloneAtTimes(SimulatedCluster cluster, SplittableRandom random) {
        boolean ever = cluster.hasDuplicateWork && random.nextBoolean();
        long turnNanos = FaultState.between(random, 500, 8000).toNanos();
        long at = random.nextInt(2);
        return () -> ever && cluster.world.nanoTime() / turnNanos % 2 == at;
    }

    private static void compact(
            SimulatedCluster cluster,
            NodeCompaction compaction,
            RecentObjects recent,
            InstantSource clock,
            SplittableRandom random) {
        compaction.sweep(
                cluster.grace.minGracePeriod(), cluster.hasLags ? 500 : 5000, random.split());
        compaction.merge(
                recent,
                clock,
                () -> cluster.faults.mergesStoppedUntil > cluster.world.nanoTime(),
                new MergeMetrics(cluster.merges),
                random.split());
        // With delayed commits, short timeouts would expire again and again.
        Duration held = cluster.maxExtents > 0 ? BackpressureCheck.MAX_DELAY : Duration.ZERO;
        compaction.searchForOrphans(held, cluster.uploadAge, random.split());
        compaction.retain(clock, random.split());
        compaction.offload(
                clock,
                () ->
                        cluster.maxExtents > 0
                                && cluster.faults.mergesStoppedUntil > cluster.world.nanoTime(),
                new OffloadMetrics(cluster.merges),
                random.split());
    }

    private void applied(SimulatedCluster cluster, long entry) {
        MetadataReplica current = replica;
        if (current != null) {
            cluster.groups.forEach(group -> group.applied(this, current, entry));
        }
    }

    private void join(EtcdMembership membership, MetadataReplica opened, Listener listener) {
        membership
                .register(() ->
                        new RegisteredNode(
                                name(),
                                opened.incarnation(),
                                profile.roles(),
                                profile.zone(),
                                host(),
                                9000,
                                levels.newest(),
                                0,
                                "",
                                speaksKafka()
                                        ? Map.of(
                                                KafkaListener.INTERNAL,
                                                new NodeAddress(host(), KafkaPort.NUMBER))
                                        : Map.of(),
                                0))
                .exceptionally(rejected -> {
                    listener.stopped(this, String.valueOf(rejected.getMessage()));
                    return null;
                });
        leave = membership::close;
    }

    /** Retries without an end, as a node that speaks Kafka needs its number. */
    private void number(MetadataReplica opened) {
        var unused =
                new NodeNumbering(opened)
                        .number(name())
                        .whenComplete((number, failure) -> {
                            if (failure != null && !opened.stopped().isDone()) {
                                loop.schedule(Duration.ofSeconds(1), () -> number(opened));
                            }
                        });
    }

    CompletableFuture<Void> leave() {
        return leave.get();
    }

    /** Returns the write path; null until this process serves, and without the role. */
    @Nullable
    public IngestNode ingest() {
        return ingest;
    }

    /**
     * Returns a reply that first checks the outcome. Only on the event loop, once the process
     * serves.
     */
    public ProduceReply checkedReply(ProduceReply reply) {
        MetadataReplica current = replica;
        return current == null ? reply : debts.checkedReply(current::objects, maxExtents, reply);
    }

    /** Counts a batch over the Kafka port. Returns what to run once it is answered. */
    Runnable produceReceived() {
        MetadataReplica current = replica;
        return current == null ? () -> {} : debts.received(current.objects(), maxExtents);
    }

    /** Returns the read path; null until this process serves, and without the role. */
    @Nullable
    public FetchNode fetch() {
        return fetch;
    }

    @Nullable
    public NodeGroups groups() {
        return groups;
    }

    /** Returns the Kafka port; null until this process serves, and without the roles. */
    @Nullable
    public KafkaPort kafka() {
        return kafka;
    }

    private boolean speaksKafka() {
        return has(Role.INGEST) && has(Role.FETCH);
    }

    public boolean has(Role role) {
        return profile.roles().contains(role);
    }

    public String name() {
        return "node-" + id;
    }

    String host() {
        return "host-" + node;
    }

    /** Returns the metadata replica; null until current. */
    @Nullable
    public MetadataReplica replica() {
        return replica;
    }

    public CompletableFuture<Void> checkBucket(BucketCheck.FindingListener listener) {
        if (replica == null || store == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("not current yet"));
        }
        return new BucketCheck(replica, store, SimulatedCluster.NAME, Optional.of(loop), listener)
                .run();
    }

    void kill() {
        loop.kill();
        etcd.close();
    }
}
