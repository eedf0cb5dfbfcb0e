package io.millrace.compaction.shelf;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.ShelvedExtents;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.state.FeatureLevels;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What leaves memory, and what comes back. */
class ShelfJobTest {

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final int SETTLED = 1_000_000;
    private static final Map<String, String> FOREVER = Map.of("retention.ms", "-1");

    private final SimulatedLoop loop = new SimulatedLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private boolean dutiful = true;
    private long names;

    private void raise() {
        fixture.propose(new Command.FeatureLevelRaised(FeatureLevels.SHELVES));
    }

    private void start(long extents, int rowExtents, int manifestExtents) {
        Member here =
                new Member(
                        "here",
                        fixture.metadata().incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "host",
                        1,
                        FeatureLevels.ALL.newest(),
                        0);
        new ShelfJob(
                        fixture.metadata(),
                        bucket,
                        new CompactionDuties(() -> dutiful ? List.of(here) : List.of()),
                        new ShelfSettings(
                                "c", extents, rowExtents, manifestExtents, SETTLED, INTERVAL),
                        () -> Instant.ofEpochMilli(loop.nanoTime() / 1_000_000),
                        new ShelfMetrics(meters))
                .start();
    }

    private void roundPasses() {
        loop.advance(INTERVAL.plus(Duration.ofSeconds(1)));
    }

    private PartitionLog log(Topic topic, int partition) {
        return fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
    }

    private void write(Topic topic, int partition) {
        ObjectId block = new ObjectId(ObjectId.Kind.WAL, 7, names++);
        fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(block, 1_000, 1_100),
                        0,
                        List.of(
                                new BatchItem(
                                        topic.id(),
                                        partition,
                                        10,
                                        0,
                                        100,
                                        0,
                                        ProducerStamp.NONE))));
    }

    /** Writes so many extents that lie in one segment, which a merge made of blocks. */
    private ObjectId segment(Topic topic, int partition, int extents, int sizeBytes) {
        long base = log(topic, partition).highWatermark();
        List<ObjectId> inputs = new ArrayList<>();
        List<NewExtent> now = new ArrayList<>();
        for (int i = 0; i < extents; i++) {
            inputs.add(new ObjectId(ObjectId.Kind.WAL, 7, names));
            write(topic, partition);
            int length = sizeBytes / extents;
            now.add(
                    new NewExtent(
                            base + 10L * i,
                            base + 10L * i + 10,
                            (long) i * length,
                            length,
                            1_000L * i));
        }
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 7, names++);
        fixture.propose(
                new Command.ExtentsReplaced(
                        new ObjectRef(id, sizeBytes, sizeBytes + 100),
                        inputs,
                        List.of(new Replacement(topic.id(), partition, now))));
        return id;
    }

    /**
     * A segment that is in the bucket, in which so many extents lie of each partition of some
     * topics.
     */
    private ObjectId shared(List<Topic> topics, int extents) {
        int each = SETTLED / 10;
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, 8, names++);
        StreamObjectBuilder builder = new StreamObjectBuilder();
        List<ObjectId> inputs = new ArrayList<>();
        List<Replacement> rows = new ArrayList<>();
        for (Topic topic : topics) {
            for (int partition = 0; partition < topic.partitionCount(); partition++) {
                byte[] batch = new byte[each];
                BatchHeader.write(batch, 0, each, BatchHeader.Fields.anonymous(0, 10, 0, 0));
                builder.add(topic.id(), partition, new Slice(batch, 0, each));
                long base = log(topic, partition).highWatermark();
                List<NewExtent> now = new ArrayList<>();
                for (int i = 0; i < extents; i++) {
                    inputs.add(new ObjectId(ObjectId.Kind.WAL, 7, names));
                    write(topic, partition);
                    long at = base + 10L * i;
                    now.add(new NewExtent(at, at + 10, i, each / extents, 1_000L * i));
                }
                rows.add(new Replacement(topic.id(), partition, now));
            }
        }
        SealedObject sealed = builder.seal(id).object();
        objects.put(id.key("c"), sealed.body()).join();
        fixture.propose(new Command.ExtentsReplaced(sealed.ref(), inputs, rows));
        return id;
    }

    private int shelvedOf(ObjectId id) {
        return fixture.metadata().objects().stored().stream()
                .filter(one -> one.object().id().equals(id))
                .mapToInt(StoredObject::shelvedExtents)
                .sum();
    }

    private void trim(Topic topic, int partition, long offset) {
        fixture.propose(
                new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(partition, offset))));
    }

    private double counted(String name) {
        return meters.get(name).counter().count();
    }

    private long inMemory() {
        return fixture.metadata().objects().extents();
    }

    private List<ObjectKey> manifests() {
        return objects.keys().stream().filter(key -> key.value().contains("/man/")).toList();
    }

    @Test
    void eachPartitionKeepsItsShareOfWhatMayBeInMemory() {
        raise();
        Topic topic = fixture.createTopic("orders", 2);
        segment(topic, 0, 40, SETTLED);
        segment(topic, 1, 5, SETTLED);
        write(topic, 0);
        start(30, 8, 100);

        roundPasses();

        assertThat(log(topic, 0).extentsInMemory()).isBetween(7, 15);
        assertThat(log(topic, 1).extentsInMemory()).isEqualTo(5);
        assertThat(inMemory()).isLessThanOrEqualTo(30);
        assertThat(manifests()).hasSize(1);
        assertThat(counted("millrace.shelf.extents")).isEqualTo(46 - inMemory());
    }

    @Test
    void aManifestIsNoLargerThanItMayBe() {
        raise();
        Topic topic = fixture.createTopic("orders", 4);
        for (int partition = 0; partition < 4; partition++) {
            segment(topic, partition, 40, SETTLED);
        }
        start(0, 4, 8);

        roundPasses();
        assertThat(manifests()).hasSize(4);
        assertThat(inMemory()).isEqualTo(4 * 32);
        for (int i = 0; i < 5; i++) {
            roundPasses();
        }

        assertThat(inMemory()).isLessThan(4 * 5);
        assertThat(counted("millrace.shelf.superseded")).isZero();
    }

    @Test
    void rowsGetLargerAndNotMoreAsLongAsTheyAreSmall() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        start(0, 100, 1_000);
        for (int i = 0; i < 8; i++) {
            segment(topic, 0, 20, SETTLED);
            roundPasses();
        }

        PartitionLog log = log(topic, 0);
        assertThat(log.shelved(0).orElseThrow().extents()).isBetween(80, 100);
        assertThat(log.lastShelved().orElseThrow().baseOffset())
                .isEqualTo(log.shelved(0).orElseThrow().endOffset());
        assertThat(
                        fixture.metadata().objects().stored().stream()
                                .filter(one -> one.object().id().kind() == ObjectId.Kind.MANIFEST))
                .as("manifests that rows name")
                .hasSize(2);
        assertThat(counted("millrace.shelf.superseded")).isZero();
    }

    @Test
    void aRowThatCannotBeReadIsLeftAsItIs() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        start(0, 100, 1_000);
        segment(topic, 0, 20, SETTLED);
        roundPasses();
        ShelvedExtents damaged = log(topic, 0).shelved(0).orElseThrow();
        objects.flipBit(manifests().getFirst(), 100);
        segment(topic, 0, 20, SETTLED);
        roundPasses();

        assertThat(log(topic, 0).shelved(0)).contains(damaged);
        assertThat(inMemory()).isLessThan(5);
        assertThat(counted("millrace.shelf.failures")).isZero();
    }

    @Test
    void nothingLeavesMemoryWhereThereIsRoom() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        segment(topic, 0, 40, SETTLED);
        start(40, 8, 100);

        roundPasses();

        assertThat(manifests()).isEmpty();
    }

    @Test
    void whatWillBeMergedStays() {
        raise();
        Topic topic = fixture.createTopic("orders", 2);
        segment(topic, 0, 40, SETTLED / 2);
        for (int i = 0; i < 40; i++) {
            write(topic, 1);
        }
        start(0, 8, 100);

        roundPasses();

        assertThat(manifests()).isEmpty();
    }

    @Test
    void whereRecordsGoByKeyAllStaysOrComesBack() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        segment(topic, 0, 40, SETTLED);
        start(0, 8, 100);
        roundPasses();
        assertThat(inMemory()).isLessThan(10);

        fixture.propose(
                new Command.TopicConfigured(
                        topic.id(), Map.of("cleanup.policy", "compact"), Set.of()));
        roundPasses();

        assertThat(inMemory()).isEqualTo(40);
        assertThat(log(topic, 0).lastShelved()).isEmpty();
        assertThat(fixture.metadata().objects().stored()).hasSize(1);
    }

    @Test
    void whatNoReaderCanReachIsGivenBackAndItsObjectsGo() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        ObjectId first = segment(topic, 0, 20, SETTLED);
        ObjectId second = segment(topic, 0, 20, SETTLED);
        write(topic, 0);
        start(0, 10, 100);
        roundPasses();
        fixture.propose(new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, 205))));
        assertThat(fixture.metadata().objects().named(Set.of(first))).containsExactly(first);

        roundPasses();

        assertThat(fixture.metadata().objects().named(Set.of(first, second)))
                .containsExactly(second);

        fixture.propose(new Command.TopicDeleted(topic.id()));
        roundPasses();

        assertThat(fixture.metadata().objects().stored()).isEmpty();
        assertThat(counted("millrace.shelf.recalled")).isEqualTo(4);
    }

    @Test
    void aManifestThatIsGoneIsNamedAndTheRestGoesOn() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        ObjectId first = segment(topic, 0, 20, SETTLED);
        ObjectId second = segment(topic, 0, 20, SETTLED);
        write(topic, 0);
        start(0, 20, 20);
        roundPasses();
        ObjectKey lost = manifests().getFirst();
        roundPasses();
        assertThat(manifests()).hasSize(2);
        objects.delete(List.of(lost)).join();
        fixture.propose(new Command.TopicDeleted(topic.id()));

        roundPasses();
        roundPasses();

        assertThat(fixture.metadata().objects().named(Set.of(first, second))).hasSize(1);
        assertThat(counted("millrace.shelf.damaged")).isEqualTo(1);
        assertThat(counted("millrace.shelf.failures")).isZero();
    }

    @Test
    void aDamagedManifestGivesNothingBack() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        segment(topic, 0, 20, SETTLED);
        start(0, 20, 100);
        roundPasses();
        objects.flipBit(manifests().getFirst(), 40);
        fixture.propose(new Command.TopicDeleted(topic.id()));

        roundPasses();
        roundPasses();

        assertThat(fixture.metadata().objects().stored()).hasSize(2);
        assertThat(counted("millrace.shelf.damaged")).isEqualTo(1);
    }

    @Test
    void aBucketThatIsAwayCostsARound() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        segment(topic, 0, 40, SETTLED);
        start(0, 20, 100);
        bucket.usually(Fault.failing(new ObjectStoreException.Unavailable("away", null)));
        roundPasses();
        assertThat(inMemory()).isEqualTo(40);
        assertThat(counted("millrace.shelf.failures")).isEqualTo(1);

        bucket.usually(Fault.none());
        roundPasses();

        assertThat(inMemory()).isLessThan(25);
    }

    @Test
    void nothingHappensWhereItIsNobodysDutyOrAnOlderNodeIsThere() {
        Topic topic = fixture.createTopic("orders", 1);
        start(0, 8, 100);
        roundPasses();
        fixture.propose(new Command.FeatureLevelRaised(FeatureLevels.MERGES));
        segment(topic, 0, 40, SETTLED);
        roundPasses();
        assertThat(manifests()).isEmpty();
        assertThat(counted("millrace.shelf.failures")).isZero();

        dutiful = false;
        raise();
        roundPasses();

        assertThat(manifests()).isEmpty();
    }

    @Test
    void ofASparseObjectWhatIsShelvedComesBackWithWhatIsBehindItAndStays() {
        raise();
        Topic topic = fixture.createTopic("orders", 5, FOREVER);
        Topic other = fixture.createTopic("others", 5, FOREVER);
        ObjectId shared = shared(List.of(topic, other), 20);
        segment(topic, 0, 70, SETTLED);
        start(0, 10, 1_000);
        roundPasses();
        roundPasses();
        assertThat(shelvedOf(shared)).isEqualTo(20 + 9 * 10);

        trim(topic, 0, 100);
        roundPasses();
        roundPasses();
        assertThat(shelvedOf(shared)).as("more than half of it is alive").isEqualTo(100);

        fixture.propose(new Command.TopicDeleted(other.id()));
        roundPasses();
        roundPasses();
        assertThat(shelvedOf(shared)).as("of the first partition all came").isEqualTo(40);
        assertThat(log(topic, 0).extentsInMemory()).as("with all behind it").isEqualTo(80);

        loop.advance(Duration.ofMinutes(50));
        assertThat(shelvedOf(shared)).as("as long as a merge may come").isEqualTo(40);
        loop.advance(Duration.ofMinutes(20));
        assertThat(shelvedOf(shared)).as("none came").isEqualTo(50);
        loop.advance(Duration.ofHours(20));
        assertThat(shelvedOf(shared)).as("it is not brought back all the time").isEqualTo(50);
        loop.advance(Duration.ofHours(3));
        assertThat(shelvedOf(shared)).as("it is tried again").isEqualTo(40);
    }

    @Test
    void whatRetentionTakesSoonNeedNotComeBack() {
        raise();
        Map<String, String> retention = Map.of("retention.ms", "4000000");
        Topic topic = fixture.createTopic("orders", 3, retention);
        Topic other = fixture.createTopic("others", 7, retention);
        ObjectId shared = shared(List.of(topic, other), 20);
        segment(topic, 0, 20, SETTLED);
        start(0, 10, 1_000);
        loop.advance(Duration.ofMillis(3_100_000));
        fixture.propose(new Command.TopicDeleted(other.id()));
        roundPasses();
        roundPasses();

        assertThat(shelvedOf(shared)).isPositive();
    }

    @Test
    void asMuchComesBackAsThereIsRoomForOrOnePartition() {
        raise();
        Topic topic = fixture.createTopic("orders", 4, FOREVER);
        Topic other = fixture.createTopic("others", 6, FOREVER);
        ObjectId shared = shared(List.of(topic, other), 20);
        for (int i = 0; i < 4; i++) {
            write(topic, i);
        }
        start(20, 20, 1_000);
        roundPasses();
        roundPasses();
        fixture.propose(new Command.TopicDeleted(other.id()));
        for (int i = 0; i < 5; i++) {
            roundPasses();
        }

        assertThat(shelvedOf(shared)).isEqualTo(3 * 20);
    }

    @Test
    void aSparseObjectThatIsGoneOrDamagedHoldsUpNothing() {
        raise();
        Topic topic = fixture.createTopic("orders", 4, FOREVER);
        Topic other = fixture.createTopic("others", 6, FOREVER);
        ObjectId lost = shared(List.of(topic, other), 20);
        ObjectId damaged = shared(List.of(topic, other), 20);
        ObjectId sound = shared(List.of(topic, other), 20);
        for (int i = 0; i < 4; i++) {
            write(topic, i);
        }
        start(0, 20, 1_000);
        roundPasses();
        roundPasses();
        objects.delete(List.of(lost.key("c"))).join();
        objects.flipBit(damaged.key("c"), SETTLED + 20);
        fixture.propose(new Command.TopicDeleted(other.id()));
        for (int i = 0; i < 9; i++) {
            roundPasses();
        }

        assertThat(shelvedOf(sound)).isLessThan(80);
        assertThat(counted("millrace.shelf.failures")).isZero();
    }

    @Test
    void whatMergesPassedOverLeavesMemoryWithTheRest() {
        raise();
        Topic topic = fixture.createTopic("orders", 1);
        write(topic, 0);
        segment(topic, 0, 10, SETTLED / 2);
        segment(topic, 0, 60, SETTLED);
        start(20, 10, 100);
        roundPasses();
        assertThat(manifests()).as("merges may still come to it").isEmpty();

        segment(topic, 0, 4, SETTLED);
        roundPasses();

        assertThat(log(topic, 0).shelved(0)).isPresent();
        assertThat(inMemory()).isLessThan(25);
    }
}
