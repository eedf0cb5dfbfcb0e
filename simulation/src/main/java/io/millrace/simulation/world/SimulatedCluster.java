package io.millrace.simulation.world;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.toSet;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.invariant.BackpressureCheck;
import io.millrace.simulation.invariant.BackupCheck;
import io.millrace.simulation.invariant.BatchIntegrityCheck;
import io.millrace.simulation.invariant.DeletionCount;
import io.millrace.simulation.invariant.ExpiryCheck;
import io.millrace.simulation.invariant.GraceCheck;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.invariant.KeyCompactionCheck;
import io.millrace.simulation.invariant.LogCheck;
import io.millrace.simulation.invariant.MalformedCheck;
import io.millrace.simulation.invariant.RecordCheck;
import io.millrace.simulation.invariant.ReferenceCheck;
import io.millrace.simulation.invariant.RestoreCheck;
import io.millrace.simulation.invariant.RestoredLog;
import io.millrace.simulation.invariant.RetentionCheck;
import io.millrace.simulation.invariant.SendOrderCheck;
import io.millrace.simulation.invariant.UploadCheck;
import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The nodes that share one etcd, one bucket and one virtual time. Single-threaded. */
public final class SimulatedCluster {

    public static final String NAME = "sim";
    private static final Duration LONGER_THAN_A_RUN = Duration.ofHours(1);
    private static final long BEGIN_MS = 1_700_000_000_000L;

    public final SimulatedEventLoop world = new SimulatedEventLoop();
    public final FakeEtcd etcd = new FakeEtcd(world);
    public final MemoryObjectStore bucket;
    public final SplittableRandom random;
    public final Trace trace;
    public final Violations violations = new Violations();
    public final LogCheck logCheck;
    public final RecordCheck records;
    public final SendOrderCheck order;
    public final KeyedBatches keyedBatches;
    public final BatchIntegrityCheck batchIntegrity;
    public final KeyCompactionCheck keyCompaction;
    public final UploadCheck uploads;
    public final RetentionCheck retention;
    public final MalformedCheck malformed = new MalformedCheck(violations);

    /** The metrics of all nodes. */
    public final SimpleMeterRegistry merges = new SimpleMeterRegistry();

    public final ObjectDamage damage;
    final WholeLog log = new WholeLog();
    public final ReferenceCheck references = new ReferenceCheck(log, violations);
    public final RestoreCheck restores;
    final BackupCheck backups;
    public final GraceCheck grace;
    public final BackpressureCheck backpressure;
    public final ExpiryCheck expiry;
    public final DeletionCount deletions = new DeletionCount();

    final ObjectStore store;

    final RunClocks clocks;
    public final FaultState faults;
    public final Network network;
    final EtcdLogSettings logSettings;

    /** The age from which on any node may abort a multipart upload. */
    final Duration uploadAge;

    private @Nullable RestoredLog restored;

    public final boolean hasGroup;

    /** True if etcd is restored from a backup under a new generation at the end. */
    public final boolean hasRestore;

    public final boolean hasCompactedTopic;

    /** True if nodes at times consider themselves the only compaction node. */
    final boolean hasDuplicateWork;

    /** The limit of all nodes, combined with a period without merges; 0 if limits differ. */
    public final int maxExtents;

    /** True if nodes lag by nearly the grace period. */
    public final boolean hasLags;

    /** True if all wall clocks stay within a second. */
    public final boolean hasCloseClocks;

    public final WrongDeaths wrongDeaths = new WrongDeaths();

    /** The number of chunks that fetch nodes received from others. */
    public long peerReads;

    public final Set<String> topicsToDelete = new HashSet<>();

    public final List<SimulatedNode> nodes = new ArrayList<>();

    public final List<GroupCheck> groups = new ArrayList<>();

    public SimulatedCluster(SplittableRandom random, Trace trace) {
        this.random = random;
        this.trace = trace;
        hasGroup = random.nextBoolean();
        hasRestore = !hasGroup && random.nextInt(3) == 0;
        hasCompactedTopic = random.nextInt(3) > 0;
        hasDuplicateWork = random.nextInt(3) == 0;
        bucket =
                new MemoryObjectStore(
                        Runnable::run,
                        () -> Instant.ofEpochMilli(wallMs()),
                        256 << random.nextInt(4));
        hasCloseClocks = random.nextBoolean();
        clocks = new RunClocks(this::wallMs, nodes);
        uploadAge = FaultState.between(random, 8000, 25_000);
        uploads = new UploadCheck(world, violations, uploadAge);
        records = new RecordCheck(world, trace, violations);
        order = new SendOrderCheck(records, violations);
        keyedBatches = new KeyedBatches(1 + random.nextInt(1 << (1 + random.nextInt(5))));
        batchIntegrity = new BatchIntegrityCheck(bucket, violations);
        keyCompaction =
                new KeyCompactionCheck(
                        keyedBatches, bucket, records, batchIntegrity, clocks, violations);
        retention = new RetentionCheck(bucket, records, clocks, violations);
        restores = new RestoreCheck(this::manifest, bucket, log, violations);
        hasLags = random.nextInt(3) == 0;
        Duration minGrace = hasLags ? FaultState.between(random, 1500, 6000) : Duration.ofMillis(1);
        grace = new GraceCheck(world, minGrace, log, violations);
        // Merges leave a few small extents in each partition of a compacted topic, 43 in one seed.
        maxExtents = random.nextInt(4) == 0 ? 64 + random.nextInt(80) : 0;
        // Producers that wait for merges may be idle for long.
        boolean hasExpiry = maxExtents == 0 && random.nextInt(8) == 0;
        expiry =
                new ExpiryCheck(
                        world,
                        hasExpiry ? FaultState.between(random, 60_000, 90_000) : LONGER_THAN_A_RUN,
                        violations);
        backpressure = new BackpressureCheck(world, log, violations, maxExtents);
        store = new ObservedBucket(bucket, new BucketWatch());
        damage = new ObjectDamage(world, bucket, store);
        logCheck = new LogCheck(world, trace, violations, this::entryApplied);
        int count = 2 + random.nextInt(3);
        faults = new FaultState(random.split(), count);
        network = new Network(world, faults, random.split());
        logSettings = logSettings(random.split());
        backups =
                new BackupCheck(
                        this::manifest,
                        logSettings.checkpointsKept(),
                        () -> Instant.ofEpochMilli(wallMs()),
                        violations);
        List<NodeProfile> profiles = NodeProfile.random(random, count);
        int odd = random.nextInt(2 * count);
        boolean upgrades = random.nextInt(hasCompactedTopic ? 8 : 2) == 0;
        for (int i = 0; i < count; i++) {
            FeatureLevels levels =
                    upgrades && random.nextInt(3) > 0 ? TestLevels.ONE : TestLevels.TWO;
            nodes.add(new SimulatedNode(this, i, usualAhead(i == odd), levels, profiles.get(i)));
        }
        if (random.nextInt(12) == 0) {
            // A misconfiguration: two nodes with one id.
            nodes.get(1).useIdOf(0);
        }
    }

    /** Returns the serving process at an address; null if no process serves there. */
    public @Nullable NodeProcess servingAt(String host) {
        for (SimulatedNode node : nodes) {
            NodeProcess process = node.serving();
            if (process != null && process.host().equals(host)) {
                return process;
            }
        }
        return null;
    }

    /** Returns the serving processes with a Kafka port. */
    public List<NodeProcess> servingKafka() {
        List<NodeProcess> found = new ArrayList<>();
        for (SimulatedNode node : nodes) {
            NodeProcess process = node.serving();
            if (process != null && process.kafka() != null) {
                found.add(process);
            }
        }
        return found;
    }

    /** Returns whether some nodes have a Kafka port while they serve. */
    public boolean speaksKafka() {
        return nodes.stream().anyMatch(node -> node.has(Role.INGEST) && node.has(Role.FETCH));
    }

    /** Returns whether producers without writes expire at the end of the run. */
    public boolean hasExpiry() {
        return expiry.producerLife().compareTo(LONGER_THAN_A_RUN) < 0;
    }

    /** Returns whether the last entry left no state of a producer. */
    public boolean areAllProducersExpired() {
        return log.state().sizes().producers() == 0;
    }

    /** Returns the nodes with the role. */
    public List<SimulatedNode> nodesWith(Role role) {
        return nodes.stream().filter(node -> node.has(role)).toList();
    }

    private Duration usualAhead(boolean isOdd) {
        if (hasCloseClocks) {
            return randomCloseOffset(random);
        }
        return isOdd ? Duration.ofDays(1) : Duration.ZERO;
    }

    /** Returns an offset with which all clocks are within a second. */
    public static Duration randomCloseOffset(SplittableRandom random) {
        return Duration.ofMillis(random.nextInt(-500, 500));
    }

    /** Called after a restore of etcd with the first entries of the log under a new generation. */
    public void restored(long entries) {
        Set<Long> incarnations = new HashSet<>();
        nodes.forEach(node -> node.addIncarnations(incarnations));
        trace.note(world.nanoTime(), "restored", 0, entries, log.newest());
        restored = new RestoredLog(log, entries, incarnations, violations);
        logCheck.restored(entries);
    }

    /** Returns the log after a restore of etcd; null before. */
    @Nullable
    public RestoredLog restored() {
        return restored;
    }

    long generation() {
        return restored == null ? 1 : 2;
    }

    /** Called after the first node has applied the entry. */
    private void entryApplied(byte[] entry) {
        if (restored != null) {
            restored.entry(entry);
            return;
        }
        keyCompaction.entry(entry);
        log.entry(entry);
        retention.entry(log.last(), log.outcomes());
        references.entry();
        restores.entry();
        backups.check();
        grace.entry();
        backpressure.entry();
        expiry.entry(log.last().commands());
        log.last().commands().forEach(deletions::command);
    }

    private final class BucketWatch implements ObservedBucket.Listener {

        @Override
        public void reading(ObjectKey key) {
            grace.reading(key);
        }

        @Override
        public void deleting(Collection<ObjectKey> keys) {
            if (restored != null) {
                restored.deleting(keys);
                return;
            }
            restores.deleting(keys);
            backups.deleting(keys);
            grace.deleting(keys);
            deletions.deleting(keys);
        }
    }

    private EtcdLogSettings logSettings(SplittableRandom random) {
        Duration kept =
                random.nextInt(4) > 0 ? Duration.ZERO : FaultState.between(random, 1, 10_000);
        return new EtcdLogSettings(
                2 + random.nextInt(40),
                1 << 20,
                FaultState.between(random, 500, 8000),
                1 + random.nextInt(4),
                1 << 20,
                random.nextInt(8),
                hasRestore ? LONGER_THAN_A_RUN : kept,
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofMillis(10),
                Duration.ofMillis(500),
                1 + random.nextInt(20),
                Optional.empty());
    }

    /** Returns the true time, in milliseconds since 1970. */
    public long wallMs() {
        return BEGIN_MS + world.nanoTime() / 1_000_000;
    }

    /** Returns whether the reason is justified by a deletion of the topic. */
    public boolean isDeleted(RecordCheck.PartitionName place, Reason said) {
        return topicsToDelete.contains(place.topic())
                && (said == Reason.UNKNOWN_TOPIC || said == Reason.UNKNOWN_PARTITION);
    }

    /**
     * Returns whether compaction may skip an unreadable object for a while: after damage, or if
     * some of many reads failed.
     */
    public boolean maySkipObjects() {
        return damage.wasAnyDamaged()
                || merges.counter("millrace.merge.damaged").count() > 0
                || merges.counter("millrace.offload.damaged").count() > 0;
    }

    /** Returns the epoch that entries are appended to; 0 without a log. */
    public long epoch() {
        byte[] stored = etcd.value("/millrace/" + NAME + "/epoch");
        return stored.length == 0 ? 0 : Long.parseLong(new String(stored, US_ASCII));
    }

    /** Returns the data objects and extent manifests in the bucket. */
    public Set<ObjectId> storedObjects() {
        return bucket.keys().stream()
                .flatMap(key -> ObjectId.parse(key, NAME).stream())
                .collect(toSet());
    }

    private byte[] manifest() {
        return etcd.value("/millrace/" + NAME + "/manifest");
    }

    public LogManifest logManifest() {
        byte[] stored = manifest();
        return stored.length == 0 ? LogManifest.EMPTY : LogManifest.parse(stored, "manifest");
    }

    public long firstLiveEpoch() {
        byte[] stored = manifest();
        return stored.length == 0 ? 1 : logManifest().firstLiveEpoch();
    }

    public long liveEntries() {
        return etcd.keys().stream().filter(key -> key.contains("/log/0")).count();
    }

    /** Returns the maximum at rest: a full unsealed epoch, and some entries after it. */
    public long maxLiveEntriesAtRest() {
        return 2L * logSettings.sealEntries() + 20;
    }
}
