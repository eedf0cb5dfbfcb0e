package io.millrace.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.membership.Member;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.state.FeatureLevels;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ObjectSweepTest {

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration GRACE = Duration.ofMinutes(5);

    private final SimulatedLoop loop = new SimulatedLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final FaultyMetadata metadata = new FaultyMetadata(fixture.metadata());
    private final MemoryObjectStore objects =
            new MemoryObjectStore(Runnable::run, () -> Instant.EPOCH.plusNanos(loop.nanoTime()));
    private final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Topic topic;
    private String dutiful = "here";
    private long blocks;
    private long archivedEntries;

    ObjectSweepTest() {
        fixture.propose(new Command.FeatureLevelRaised(FeatureLevels.RETENTION));
        topic = fixture.createTopic("orders", 1);
    }

    private void start() {
        Member here =
                new Member(
                        "here",
                        fixture.metadata().incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "host",
                        1,
                        3,
                        0);
        new ObjectSweep(
                        metadata,
                        bucket,
                        "c",
                        new CompactionDuties(() -> dutiful.isEmpty() ? List.of() : List.of(here)),
                        INTERVAL,
                        GRACE,
                        new SweepMetrics(meters))
                .start();
    }

    /** A block of ten records. */
    private void write() {
        ObjectId id = new ObjectId(ObjectId.Kind.WAL, 7, blocks++);
        var stored = objects.put(id.key("c"), ObjectBody.of(new byte[1100]));
        assertThat(stored).isCompleted();
        fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(id, 1_000, 1_100),
                        0,
                        List.of(new BatchItem(topic.id(), 0, 10, 0, 100, 0, ProducerStamp.NONE))));
    }

    private void beginAt(long offset) {
        fixture.propose(new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, offset))));
    }

    private void checkpoint() {
        fixture.log().wantCheckpoint(true);
        loop.advance(Duration.ofSeconds(3));
        fixture.log().wantCheckpoint(false);
    }

    /** Moves all entries so far that are in no archive yet into one. */
    private void archive() {
        ObjectKey key = new ObjectKey("archives/" + archivedEntries);
        assertThat(objects.put(key, ObjectBody.of(new byte[10]))).isCompleted();
        long entries = fixture.metadata().objects().entries();
        fixture.log()
                .archived(
                        StoredArchive.newBuilder()
                                .setKey(key.value())
                                .setFirstPosition(archivedEntries + 1)
                                .setEntries(entries - archivedEntries)
                                .build());
        archivedEntries = entries;
    }

    private List<ObjectKey> blocks() {
        return objects.keys().stream().filter(key -> key.value().contains("/wal/")).toList();
    }

    @Test
    void whatWentLongBeforeThisProcessBeganGoesAtOnce() {
        write();
        write();
        beginAt(10);
        checkpoint();
        archive();
        loop.advance(GRACE);
        write();
        archive();
        start();
        loop.runReady();

        assertThat(blocks())
                .containsExactlyInAnyOrder(
                        new ObjectId(ObjectId.Kind.WAL, 7, 1).key("c"),
                        new ObjectId(ObjectId.Kind.WAL, 7, 2).key("c"));
    }

    @Test
    void whatWentAShortWhileBeforeThisProcessBeganWaits() {
        write();
        beginAt(10);
        checkpoint();
        archive();
        loop.advance(GRACE.minusSeconds(1));
        write();
        archive();
        start();
        loop.advance(INTERVAL.multipliedBy(3));
        assertThat(blocks()).hasSize(2);

        graceAndARoundPass();
        assertThat(blocks()).hasSize(1);
    }

    private void graceAndARoundPass() {
        loop.advance(GRACE.plus(INTERVAL.multipliedBy(2)));
    }

    private double counted(String name) {
        return meters.get(name).counter().count();
    }

    @Test
    void anObjectThatNothingNamesGoesWhenItsGraceIsOverAndIsForgotten() {
        start();
        write();
        write();
        beginAt(10);
        checkpoint();
        loop.advance(GRACE.minus(INTERVAL.multipliedBy(2)));
        assertThat(objects.keys()).hasSize(2);

        graceAndARoundPass();
        assertThat(objects.keys()).containsExactly(new ObjectId(ObjectId.Kind.WAL, 7, 1).key("c"));
        assertThat(fixture.metadata().objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE))
                .isEmpty();
        assertThat(counted("millrace.sweep.deleted")).isOne();
        assertThat(counted("millrace.sweep.deleted.size")).isEqualTo(1100);
    }

    @Test
    void whatTheCheckpointNamesStays() {
        start();
        write();
        checkpoint();
        beginAt(10);
        graceAndARoundPass();
        assertThat(objects.keys()).hasSize(1);

        checkpoint();
        loop.advance(INTERVAL);
        assertThat(objects.keys()).isEmpty();
    }

    @Test
    void whatCannotBeDeletedIsTriedAgainAndRememberedUntilThen() {
        start();
        write();
        beginAt(10);
        checkpoint();
        bucket.usually(Fault.failing(new ObjectStoreException.Throttled("slow down", null)));
        graceAndARoundPass();
        assertThat(fixture.metadata().objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE))
                .hasSize(1);
        assertThat(counted("millrace.sweep.failures")).isPositive();

        bucket.usually(Fault.none());
        loop.advance(INTERVAL.multipliedBy(2));
        assertThat(objects.keys()).isEmpty();
        assertThat(fixture.metadata().objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE))
                .isEmpty();
    }

    @Test
    void whatWasDeletedThoughTheLogDidNotHearOfItIsDeletedAgain() {
        start();
        write();
        beginAt(10);
        checkpoint();
        metadata.next(
                FaultyMetadata.Fault.instead(
                        new Proposal.NotApplied(new Problem(Reason.OVERLOADED, "later"))));
        graceAndARoundPass();

        assertThat(metadata.proposals()).isEqualTo(2);
        assertThat(objects.keys()).isEmpty();
        assertThat(fixture.metadata().objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE))
                .isEmpty();
    }

    @Test
    void aNodeWhoseDutyItIsNotDeletesNothing() {
        dutiful = "";
        start();
        write();
        beginAt(10);
        checkpoint();
        graceAndARoundPass();
        assertThat(objects.keys()).hasSize(1);

        dutiful = "here";
        loop.advance(INTERVAL);
        assertThat(objects.keys()).as("it saw it go long ago").isEmpty();
    }

    @Test
    void manyAreDeletedInPagesAndNotedTogether() {
        start();
        for (int i = 0; i < 2_500; i++) {
            write();
        }
        beginAt(24_000);
        beginAt(25_000);
        checkpoint();
        graceAndARoundPass();

        assertThat(objects.keys()).isEmpty();
        assertThat(bucket.calls()).as("pages of 1,000").isEqualTo(3);
        assertThat(metadata.proposals()).isEqualTo(1);
        assertThat(counted("millrace.sweep.deleted")).isEqualTo(2_500);
    }

    @Test
    void whileTheLogIsAwayNothingIsDeleted() {
        start();
        write();
        beginAt(10);
        checkpoint();
        fixture.log().tellsNothing(true);
        graceAndARoundPass();
        assertThat(objects.keys()).hasSize(1);

        fixture.log().tellsNothing(false);
        loop.advance(INTERVAL.multipliedBy(2));
        assertThat(objects.keys()).isEmpty();
    }
}
