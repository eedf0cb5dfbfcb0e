package io.millrace.simulation.world;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.invariant.BackpressureCheck;
import io.millrace.simulation.invariant.BackupCheck;
import io.millrace.simulation.invariant.BatchIntegrityCheck;
import io.millrace.simulation.invariant.CompactedLogModel;
import io.millrace.simulation.invariant.DeletionCount;
import io.millrace.simulation.invariant.GraceCheck;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.invariant.KeyCompactionCheck;
import io.millrace.simulation.invariant.LogCheck;
import io.millrace.simulation.invariant.RecordCheck;
import io.millrace.simulation.invariant.RestoreCheck;
import io.millrace.simulation.invariant.UploadCheck;
import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Nodes on one etcd and one bucket, in one virtual time. Everything in it is one thread's. */
public final class SimulatedCluster {

    public static final String NAME = "sim";
    private static final long BEGIN_MS = 1_700_000_000_000L;

    public final SimulatedEventLoop world = new SimulatedEventLoop();
    public final FakeEtcd etcd = new FakeEtcd(world);
    public final MemoryObjectStore bucket;
    public final SplittableRandom random;
    public final Trace trace;
    public final Violations violations = new Violations();
    public final LogCheck logCheck;
    public final RecordCheck records;
    public final KeyedBatches keyed;
    public final BatchIntegrityCheck batches;
    public final KeyCompactionCheck keys;
    public final UploadCheck uploads;

    /** What all who merge or shelve have met, at all nodes. */
    public final SimpleMeterRegistry merges = new SimpleMeterRegistry();

    public final ObjectDamage damage;
    final WholeLog log = new WholeLog();
    public final RestoreCheck restores;
    final BackupCheck backups;
    public final GraceCheck grace;
    public final BackpressureCheck debt;
    public final DeletionCount deletions = new DeletionCount();

    /** The bucket as nodes have it. */
    final ObjectStore store;

    final Clocks clocks = new Clocks();
    public final FaultState weather;
    public final Network network;
    final EtcdLogSettings logSettings;

    /** How old an upload in parts is that anybody may end. */
    final Duration uploadAge;

    /** Whether consumers share topics in this run. */
    public final boolean hasGroup;

    /** Whether there is a compacted topic in this run. */
    public final boolean hasKeys;

    /** Whether nodes think now and then that they are alone to look after old data. */
    final boolean workIsDoneTwice;

    /**
     * From how many extents on all nodes refuse what would make more, and for a while nothing makes
     * fewer of them; 0 if each goes by a bound of its own.
     */
    public final int maxExtents;

    /** Whether nodes lag behind for nearly the time of grace. */
    public final boolean hasLags;

    /** Whether something was said in the log that no node would say. */
    public boolean aLiveNodeWasDeclaredDead;

    /** Topics that somebody has set out to delete. */
    public final Set<String> doomed = new HashSet<>();

    public final List<SimulatedNode> nodes = new ArrayList<>();

    /** What is known of the consumer groups whose members really work. */
    public final List<GroupCheck> groups = new ArrayList<>();

    public SimulatedCluster(SplittableRandom random, Trace trace) {
        this.random = random;
        this.trace = trace;
        hasGroup = random.nextBoolean();
        hasKeys = random.nextInt(3) > 0;
        workIsDoneTwice = random.nextInt(3) == 0;
        bucket =
                new MemoryObjectStore(
                        Runnable::run,
                        () -> Instant.ofEpochMilli(wallMs()),
                        256 << random.nextInt(4));
        uploadAge = FaultState.between(random, 8000, 25_000);
        uploads = new UploadCheck(world, violations, uploadAge);
        records = new RecordCheck(world, trace, violations);
        keyed = new KeyedBatches(1 + random.nextInt(1 << (1 + random.nextInt(5))));
        batches = new BatchIntegrityCheck(bucket, violations);
        keys = new KeyCompactionCheck(keyed, bucket, records, batches, clocks, violations);
        restores = new RestoreCheck(this::manifest, bucket, log, violations);
        hasLags = random.nextInt(3) == 0;
        Duration minGrace = hasLags ? FaultState.between(random, 1500, 6000) : Duration.ofMillis(1);
        grace = new GraceCheck(world, minGrace, log, violations);
        maxExtents = random.nextInt(4) == 0 ? 40 + random.nextInt(80) : 0;
        debt = new BackpressureCheck(world, log, violations, maxExtents);
        store = new ObservedBucket(bucket, new BucketWatch());
        damage = new ObjectDamage(world, bucket, store);
        logCheck = new LogCheck(world, trace, violations, this::logged);
        int count = 2 + random.nextInt(3);
        weather = new FaultState(random.split(), count);
        network = new Network(world, weather, random.split());
        logSettings = logSettings(random.split());
        backups =
                new BackupCheck(
                        this::manifest,
                        logSettings.checkpointsKept(),
                        () -> Instant.ofEpochMilli(wallMs()),
                        violations);
        int odd = random.nextInt(2 * count);
        boolean upgrades = random.nextInt(hasKeys ? 8 : 2) == 0;
        for (int i = 0; i < count; i++) {
            FeatureLevels levels =
                    upgrades && random.nextInt(3) > 0 ? TestLevels.ONE : TestLevels.TWO;
            nodes.add(
                    new SimulatedNode(
                            this, i, i == odd ? Duration.ofDays(1) : Duration.ZERO, levels));
        }
        if (random.nextInt(12) == 0) {
            // Somebody configured two nodes with one id.
            nodes.get(1).useIdOf(0);
        }
    }

    /** The log has one more entry, which some node has applied. */
    private void logged(byte[] entry) {
        keys.entry(entry);
        log.entry(entry);
        restores.entry();
        backups.check();
        grace.entry();
        debt.entry();
        log.last().commands().forEach(deletions::command);
    }

    /** What nodes do to the bucket. */
    private final class BucketWatch implements ObservedBucket.Listener {

        @Override
        public void reading(ObjectKey key) {
            grace.reading(key);
        }

        @Override
        public void deleting(Collection<ObjectKey> keys) {
            restores.deleting(keys);
            backups.deleting(keys);
            grace.deleting(keys);
            deletions.deleting(keys);
        }
    }

    private static EtcdLogSettings logSettings(SplittableRandom random) {
        return new EtcdLogSettings(
                2 + random.nextInt(40),
                1 << 20,
                FaultState.between(random, 500, 8000),
                1 + random.nextInt(4),
                random.nextInt(8),
                random.nextInt(4) > 0 ? Duration.ZERO : FaultState.between(random, 1, 10_000),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofMillis(10),
                Duration.ofMillis(500),
                1 + random.nextInt(20));
    }

    /** What the clocks of nodes say, right or wrong. */
    final class Clocks implements CompactedLogModel.Clocks {

        private long minAheadMs;
        private long maxAheadMs;

        /** A clock is, or was, that far ahead of the true time. */
        void areAhead(Duration ahead) {
            minAheadMs = Math.min(minAheadMs, ahead.toMillis());
            maxAheadMs = Math.max(maxAheadMs, ahead.toMillis());
        }

        @Override
        public long nowMs() {
            return wallMs();
        }

        @Override
        public long earliest(long trueMs) {
            return trueMs + minAheadMs;
        }

        @Override
        public long latest(long trueMs) {
            return trueMs + maxAheadMs;
        }
    }

    /** The true time, in milliseconds since 1970. */
    public long wallMs() {
        return BEGIN_MS + world.nanoTime() / 1_000_000;
    }

    /** Whether a partition may be said not to be there. */
    public boolean isDeleted(RecordCheck.Place place, Reason said) {
        return doomed.contains(place.topic())
                && (said == Reason.UNKNOWN_TOPIC || said == Reason.UNKNOWN_PARTITION);
    }

    /**
     * Whether somebody who works on old data may leave something alone for a while, as it could not
     * be read: because of harm, or where one of many reads failed.
     */
    public boolean leavesSomethingAlone() {
        return damage.isAny()
                || merges.counter("millrace.merge.damaged").count() > 0
                || merges.counter("millrace.offload.damaged").count() > 0;
    }

    /** The epoch that entries go to; 0 before there is a log. */
    public long epoch() {
        byte[] stored = etcd.value("/millrace/" + NAME + "/epoch");
        return stored.length == 0 ? 0 : Long.parseLong(new String(stored, US_ASCII));
    }

    /** The manifest of the log's past; none before there is a past. */
    private byte[] manifest() {
        return etcd.value("/millrace/" + NAME + "/manifest");
    }

    /** The manifest of the log's past, parsed; empty before there is a past. */
    public LogManifest logManifest() {
        byte[] stored = manifest();
        return stored.length == 0 ? LogManifest.EMPTY : LogManifest.parse(stored, "manifest");
    }

    /** The first epoch that is in no archive. */
    public long firstLiveEpoch() {
        byte[] stored = manifest();
        return stored.length == 0 ? 1 : logManifest().firstLiveEpoch();
    }

    /** How many keys in etcd hold entries of the log. */
    public long liveEntries() {
        return etcd.keys().stream().filter(key -> key.contains("/log/0")).count();
    }

    /** The largest epoch that is not sealed may have so many entries, and some come behind it. */
    public long maxLiveEntriesAtRest() {
        return 2L * logSettings.sealEntries() + 20;
    }
}
