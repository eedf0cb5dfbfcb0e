package io.millrace.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.etcd.FakeEtcd;
import io.millrace.metadata.log.archive.LogManifest;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.state.FeatureLevels;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedLoop;
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
final class Cluster {

    static final String NAME = "sim";
    private static final long BEGIN_MS = 1_700_000_000_000L;

    final SimulatedLoop world = new SimulatedLoop();
    final FakeEtcd etcd = new FakeEtcd(world);
    final MemoryObjectStore bucket;
    final SplittableRandom random;
    final Trace trace;
    final Violations violations = new Violations();
    final LogCheck logCheck;
    final RecordCheck records;
    final KeyedBatches keyed;
    final BatchCheck batches;
    final KeyCheck keys;
    final UploadCheck uploads;

    /** What all who merge or shelve have met, at all nodes. */
    final SimpleMeterRegistry merges = new SimpleMeterRegistry();

    final Damage damage;
    final WholeLog log = new WholeLog();
    final RestoreCheck restores;
    final BackupCheck backups;
    final GraceCheck grace;
    final DebtCheck debt;
    final DeletionCount deletions = new DeletionCount();

    /** The bucket as nodes have it. */
    final ObjectStore store;

    final Clocks clocks = new Clocks();
    final Weather weather;
    final Network network;
    final EtcdLogSettings logSettings;

    /** How old an upload in parts is that anybody may end. */
    final Duration uploadAge;

    /** Whether consumers share topics in this run. */
    final boolean hasGroup;

    /** Whether there is a compacted topic in this run. */
    final boolean hasKeys;

    /** Whether nodes think now and then that they are alone to look after old data. */
    final boolean workIsDoneTwice;

    /**
     * From how many extents on all nodes refuse what would make more, and for a while nothing makes
     * fewer of them; 0 if each goes by a bound of its own.
     */
    final int mostExtents;

    /** Whether nodes lag behind for nearly the time of grace. */
    final boolean hasLags;

    /** Whether something was said in the log that no node would say. */
    boolean aLiveNodeWasDeclaredDead;

    /** Topics that somebody has set out to delete. */
    final Set<String> doomed = new HashSet<>();

    final List<SimulatedNode> nodes = new ArrayList<>();

    /** What is known of the consumer groups whose members really work. */
    final List<GroupCheck> groups = new ArrayList<>();

    Cluster(SplittableRandom random, Trace trace) {
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
        uploadAge = Weather.between(random, 8000, 25_000);
        uploads = new UploadCheck(world, violations, uploadAge);
        records = new RecordCheck(world, trace, violations);
        keyed = new KeyedBatches(1 + random.nextInt(1 << (1 + random.nextInt(5))));
        batches = new BatchCheck(bucket, violations);
        keys = new KeyCheck(keyed, bucket, records, batches, clocks, violations);
        restores = new RestoreCheck(this::manifest, bucket, log, violations);
        hasLags = random.nextInt(3) == 0;
        Duration leastGrace = hasLags ? Weather.between(random, 1500, 6000) : Duration.ofMillis(1);
        grace = new GraceCheck(world, leastGrace, log, violations);
        mostExtents = random.nextInt(4) == 0 ? 40 + random.nextInt(80) : 0;
        debt = new DebtCheck(world, log, violations, mostExtents);
        store = new ObservedBucket(bucket, new BucketWatch());
        damage = new Damage(world, bucket, store);
        logCheck = new LogCheck(world, trace, violations, this::logged);
        int count = 2 + random.nextInt(3);
        weather = new Weather(random.split(), count);
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
        backups.look();
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
                Weather.between(random, 500, 8000),
                1 + random.nextInt(4),
                random.nextInt(8),
                random.nextInt(4) > 0 ? Duration.ZERO : Weather.between(random, 1, 10_000),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofMillis(10),
                Duration.ofMillis(500),
                1 + random.nextInt(20));
    }

    /** What the clocks of nodes say, right or wrong. */
    final class Clocks implements KeyedLog.Clocks {

        private long leastAheadMs;
        private long mostAheadMs;

        /** A clock is, or was, that far ahead of the true time. */
        void areAhead(Duration ahead) {
            leastAheadMs = Math.min(leastAheadMs, ahead.toMillis());
            mostAheadMs = Math.max(mostAheadMs, ahead.toMillis());
        }

        @Override
        public long nowMs() {
            return wallMs();
        }

        @Override
        public long earliest(long trueMs) {
            return trueMs + leastAheadMs;
        }

        @Override
        public long latest(long trueMs) {
            return trueMs + mostAheadMs;
        }
    }

    /** The true time, in milliseconds since 1970. */
    long wallMs() {
        return BEGIN_MS + world.nanoTime() / 1_000_000;
    }

    /** Whether a partition may be said not to be there. */
    boolean isDeleted(RecordCheck.Place place, Reason said) {
        return doomed.contains(place.topic())
                && (said == Reason.UNKNOWN_TOPIC || said == Reason.UNKNOWN_PARTITION);
    }

    /**
     * Whether somebody who works on old data may leave something alone for a while, as it could not
     * be read: because of harm, or where one of many reads failed.
     */
    boolean leavesSomethingAlone() {
        return damage.isAny()
                || merges.counter("millrace.merge.damaged").count() > 0
                || merges.counter("millrace.shelf.damaged").count() > 0;
    }

    /** The epoch that entries go to; 0 before there is a log. */
    long epoch() {
        byte[] stored = etcd.value("/millrace/" + NAME + "/epoch");
        return stored.length == 0 ? 0 : Long.parseLong(new String(stored, US_ASCII));
    }

    /** The manifest of the log's past; none before there is a past. */
    private byte[] manifest() {
        return etcd.value("/millrace/" + NAME + "/manifest");
    }

    /** The manifest of the log's past, parsed; empty before there is a past. */
    LogManifest logManifest() {
        byte[] stored = manifest();
        return stored.length == 0 ? LogManifest.EMPTY : LogManifest.parse(stored, "manifest");
    }

    /** The first epoch that is in no archive. */
    long firstLiveEpoch() {
        byte[] stored = manifest();
        return stored.length == 0 ? 1 : logManifest().firstLiveEpoch();
    }

    /** How many keys in etcd hold entries of the log. */
    long liveEntries() {
        return etcd.keys().stream().filter(key -> key.contains("/log/0")).count();
    }

    /** The largest epoch that is not sealed may have so many entries, and some come behind it. */
    long mostLiveEntriesAtRest() {
        return 2L * logSettings.sealEntries() + 20;
    }
}
