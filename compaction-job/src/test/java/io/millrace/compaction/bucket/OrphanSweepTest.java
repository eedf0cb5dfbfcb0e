package io.millrace.compaction.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.ObjectSweep;
import io.millrace.compaction.SweepMetrics;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.archive.PastKey;
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
import io.millrace.storage.object.PartedUpload;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OrphanSweepTest {

    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration GRACE = Duration.ofMinutes(15);
    private static final long WRITER = 7;

    private final SimulatedLoop loop = new SimulatedLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final FaultyMetadata metadata = new FaultyMetadata(fixture.metadata());
    private final MemoryObjectStore objects = new MemoryObjectStore(Runnable::run, this::now);
    private final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Topic topic;
    private String dutiful = "here";

    OrphanSweepTest() {
        fixture.propose(new Command.FeatureLevelRaised(FeatureLevels.MERGES));
        topic = fixture.createTopic("orders", 1);
    }

    private void start(Duration grace) {
        Member here =
                new Member(
                        "here",
                        fixture.metadata().incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "host",
                        1,
                        5,
                        0);
        CompactionDuties duties =
                new CompactionDuties(() -> dutiful.isEmpty() ? List.of() : List.of(here));
        new OrphanSweep(
                        metadata,
                        bucket,
                        duties,
                        new OrphanSettings("c", INTERVAL, grace),
                        this::now,
                        new OrphanMetrics(meters))
                .start();
        new ObjectSweep(
                        metadata,
                        bucket,
                        "c",
                        duties,
                        Duration.ofMinutes(1),
                        grace,
                        new SweepMetrics(meters))
                .start();
    }

    private Instant now() {
        return Instant.ofEpochSecond(0, loop.nanoTime());
    }

    private static ObjectId block(long sequence) {
        return new ObjectId(ObjectId.Kind.WAL, WRITER, sequence);
    }

    private ObjectKey put(ObjectKey key) {
        assertThat(objects.put(key, ObjectBody.of(new byte[1100]))).isCompleted();
        return key;
    }

    private ObjectKey upload(long sequence) {
        return put(block(sequence).key("c"));
    }

    private Outcome commit(long sequence) {
        return fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(block(sequence), 1_000, 1_100),
                        0,
                        List.of(new BatchItem(topic.id(), 0, 10, 0, 100, 0, ProducerStamp.NONE))));
    }

    private void aRoundPasses() {
        loop.advance(INTERVAL.plusSeconds(1));
    }

    private void checkpointAndGracePass() {
        fixture.log().wantCheckpoint(true);
        loop.advance(Duration.ofSeconds(3));
        fixture.log().wantCheckpoint(false);
        loop.advance(GRACE.plusMinutes(2));
    }

    private double counted(String name) {
        return meters.get(name).counter().count();
    }

    private double found(String standing) {
        return meters.get("millrace.bucket.objects").tag("standing", standing).gauge().value();
    }

    @Test
    void aBlockWhoseCommitNeverCameGoes() {
        start(GRACE);
        ObjectKey named = upload(0);
        commit(0);
        upload(1);
        aRoundPasses();
        checkpointAndGracePass();
        assertThat(objects.keys()).as("found once").hasSize(2);
        assertThat(found("unnamed")).isOne();

        aRoundPasses();
        assertThat(objects.keys()).as("condemned, in its grace time").hasSize(2);
        assertThat(counted("millrace.orphans.condemned")).isOne();
        assertThat(counted("millrace.orphans.condemned.size")).isEqualTo(1100);

        checkpointAndGracePass();
        assertThat(objects.keys()).containsExactly(named);
    }

    @Test
    void aBlockThatIsCommittedBetweenTheRoundsStays() {
        start(GRACE);
        ObjectKey key = upload(0);
        aRoundPasses();
        assertThat(commit(0)).isEqualTo(new Outcome.Block(List.of(new Outcome.Item.Appended(0))));
        aRoundPasses();
        aRoundPasses();
        checkpointAndGracePass();

        assertThat(objects.keys()).containsExactly(key);
        assertThat(metadata.proposals()).isZero();
        assertThat(found("referenced")).isOne();
    }

    @Test
    void aCommitThatComesAfterTheCondemnationIsRefusedAndItsProducersMaySendAgain() {
        start(GRACE);
        upload(0);
        aRoundPasses();
        aRoundPasses();

        assertThat(commit(0))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(new Outcome.Item.Rejected(Reason.STORAGE_UNAVAILABLE))));
        assertThat(Reason.STORAGE_UNAVAILABLE.retriable()).isTrue();
        checkpointAndGracePass();
        assertThat(objects.keys()).isEmpty();
    }

    @Test
    void whatWasFoundShorterThanItsGraceAgoStays() {
        start(INTERVAL.multipliedBy(3).minusSeconds(1));
        upload(0);
        aRoundPasses();
        aRoundPasses();
        aRoundPasses();
        assertThat(metadata.proposals()).isZero();

        aRoundPasses();
        assertThat(metadata.proposals()).isOne();
    }

    @Test
    void whatALateUploadBringsBackGoesAgain() {
        start(GRACE);
        ObjectKey key = upload(0);
        aRoundPasses();
        aRoundPasses();
        checkpointAndGracePass();
        assertThat(objects.keys()).isEmpty();

        put(key);
        aRoundPasses();
        aRoundPasses();
        checkpointAndGracePass();
        assertThat(objects.keys()).isEmpty();
        assertThat(counted("millrace.sweep.deleted")).isEqualTo(2);
    }

    @Test
    void whatIsNotOfTheClusterIsNeverTouched() {
        start(GRACE);
        List<ObjectKey> others =
                List.of(
                        put(block(0).key("b")),
                        put(block(0).key("c-1")),
                        put(new PastKey(PastKey.Kind.ARCHIVE, 0, 5).key("d")),
                        put(new ObjectKey("00/c/notes.txt")),
                        put(new ObjectKey("00/c/wal/7/0")),
                        put(new ObjectKey("ff/c/meta/archive-1")),
                        put(new ObjectKey("readme")));
        ObjectKey wrongHash = new ObjectKey("zz" + block(0).key("c").value().substring(2));
        put(wrongHash);
        for (int i = 0; i < 4; i++) {
            aRoundPasses();
        }
        checkpointAndGracePass();

        assertThat(objects.keys()).containsAll(others).contains(wrongHash).hasSize(8);
        assertThat(metadata.proposals()).isZero();
    }

    @Test
    void aRoundThatFailsIsDoneAgain() {
        start(GRACE);
        upload(0);
        aRoundPasses();
        bucket.next(Fault.failing(new ObjectStoreException.Unavailable("away", null)));
        aRoundPasses();
        metadata.next(
                FaultyMetadata.Fault.instead(
                        new Proposal.NotApplied(new Problem(Reason.OVERLOADED, "later"))));
        aRoundPasses();
        assertThat(counted("millrace.orphans.failures")).isEqualTo(2);
        assertThat(counted("millrace.orphans.condemned")).isZero();

        aRoundPasses();
        assertThat(counted("millrace.orphans.condemned")).isOne();
        checkpointAndGracePass();
        assertThat(objects.keys()).isEmpty();
    }

    @Test
    void whileTheLogIsAwayNothingIsCondemned() {
        start(GRACE);
        upload(0);
        aRoundPasses();
        fixture.log().tellsNothing(true);
        aRoundPasses();
        assertThat(metadata.proposals()).isZero();

        fixture.log().tellsNothing(false);
        aRoundPasses();
        assertThat(metadata.proposals()).isOne();
    }

    @Test
    void aNodeWhoseDutyItIsNotCondemnsNothingAndBeginsAnewWhenItIs() {
        start(GRACE);
        upload(0);
        aRoundPasses();
        dutiful = "";
        aRoundPasses();
        dutiful = "here";
        aRoundPasses();
        assertThat(metadata.proposals()).isZero();

        aRoundPasses();
        assertThat(metadata.proposals()).isOne();
    }

    @Test
    void manyAreCondemnedSomeAtATime() {
        start(GRACE);
        for (int i = 0; i < 12_500; i++) {
            upload(i);
        }
        aRoundPasses();
        aRoundPasses();

        assertThat(counted("millrace.orphans.condemned")).isEqualTo(12_500);
        assertThat(metadata.proposals()).isBetween(13, 20);
        checkpointAndGracePass();
        assertThat(objects.keys()).isEmpty();
    }

    private void begin(ObjectKey key) {
        assertThat(objects.begin(key, PartedUpload.LEAST_PART_BYTES)).isCompleted();
    }

    @Test
    void uploadsThatNobodyGoesOnWithAreAbandonedAfterADay() {
        start(GRACE);
        begin(new ObjectId(ObjectId.Kind.SEGMENT, WRITER, 0).key("c"));
        begin(new ObjectId(ObjectId.Kind.SEGMENT, WRITER, 0).key("d"));
        begin(new ObjectKey("mine"));
        loop.advance(Duration.ofHours(20));
        ObjectKey young = new ObjectId(ObjectId.Kind.SEGMENT, WRITER, 1).key("c");
        begin(young);
        assertThat(unfinished()).hasSize(4);

        loop.advance(Duration.ofHours(6));
        assertThat(unfinished()).hasSize(3).contains(young, new ObjectKey("mine"));
        assertThat(counted("millrace.orphans.uploads.abandoned")).isOne();
    }

    private List<ObjectKey> unfinished() {
        return objects.unfinished("", Optional.empty(), 10).join().uploads().stream()
                .map(upload -> upload.id().key())
                .toList();
    }

    @Test
    void archivesAndCheckpointsThatNoManifestCanNameGo() {
        start(GRACE);
        PastKey kept = new PastKey(PastKey.Kind.ARCHIVE, 1, 11);
        ObjectKey named = put(kept.key("c"));
        fixture.log()
                .archived(
                        StoredArchive.newBuilder()
                                .setKey(named.value())
                                .setEpoch(1)
                                .setFirstPosition(1)
                                .setEntries(2)
                                .build());
        put(new PastKey(PastKey.Kind.ARCHIVE, 1, 12).key("c"));
        put(new PastKey(PastKey.Kind.CHECKPOINT, 0, 13).key("c"));
        ObjectKey attempt = put(new PastKey(PastKey.Kind.ARCHIVE, 2, 14).key("c"));
        ObjectKey other = put(new PastKey(PastKey.Kind.CHECKPOINT, 1_000, 15).key("c"));
        aRoundPasses();
        assertThat(objects.keys()).hasSize(5);
        assertThat(found("old_metadata")).isEqualTo(2);

        aRoundPasses();
        assertThat(objects.keys()).containsExactlyInAnyOrder(named, attempt, other);
        assertThat(counted("millrace.orphans.metadata.deleted")).isEqualTo(2);
        assertThat(metadata.proposals()).isZero();
    }
}
