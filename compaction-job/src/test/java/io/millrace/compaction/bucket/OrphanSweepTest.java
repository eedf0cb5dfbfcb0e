package io.millrace.compaction.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.sweep.SweepWorld;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MultipartUpload;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OrphanSweepTest {

    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration GRACE = Duration.ofMinutes(15);

    private final SweepWorld world = new SweepWorld();

    private OrphanSweep sweep(Duration grace) {
        return new OrphanSweep(
                world.metadata,
                world.bucket,
                world.duties(),
                new OrphanSettings(SweepWorld.CLUSTER, INTERVAL, grace, Duration.ofDays(1)),
                new OrphanMetrics(world.meters));
    }

    private void start(Duration grace) {
        sweep(grace).start();
        world.sweep(Duration.ofMinutes(1), grace);
    }

    private void aRoundPasses() {
        world.loop.advance(INTERVAL.plusSeconds(1));
    }

    private void checkpointAndGracePass() {
        world.checkpoint();
        world.loop.advance(GRACE.plusMinutes(2));
    }

    private double found(String status) {
        return world.meters.get("millrace.bucket.objects").tag("status", status).gauge().value();
    }

    @Test
    void anUncommittedBlockIsDeleted() {
        start(GRACE);
        ObjectKey named = world.upload(0);
        world.commit(0);
        world.upload(1);
        aRoundPasses();
        checkpointAndGracePass();
        assertThat(world.objects.keys()).as("found once").hasSize(2);
        assertThat(found("unreferenced")).isOne();

        aRoundPasses();
        assertThat(world.objects.keys()).as("condemned, in its grace period").hasSize(2);
        assertThat(world.counted("millrace.orphans.condemned")).isOne();
        assertThat(world.counted("millrace.orphans.condemned.size")).isEqualTo(1100);

        checkpointAndGracePass();
        assertThat(world.objects.keys()).containsExactly(named);
    }

    /** Runs a round in which the bucket denies the listing of uploads. */
    private void aRoundPassesThatMayNotListUploads() {
        int before = world.bucket.calls();
        aRoundPasses();
        int requests = world.bucket.calls() - before;
        Fault[] faults = new Fault[requests];
        Arrays.fill(faults, Fault.none());
        faults[requests - 1] =
                Fault.failing(new ObjectStoreException.Unavailable("access denied", null));
        world.bucket.next(faults);
        aRoundPasses();
    }

    @Test
    void aBucketThatListsNoUploadsKeepsNoOrphans() {
        start(GRACE);
        ObjectKey named = world.upload(0);
        world.commit(0);
        world.upload(1);
        aRoundPassesThatMayNotListUploads();
        assertThat(world.counted("millrace.orphans.condemned")).isOne();
        assertThat(world.counted("millrace.orphans.failures")).isOne();
        checkpointAndGracePass();
        assertThat(world.objects.keys()).containsExactly(named);
    }

    /** The newest archive shows the time of the bucket's clock. */
    private void archive(int epoch) {
        ObjectKey key = world.put(new ArchiveKey(ArchiveKey.Kind.ARCHIVE, epoch, 11).key("c"));
        world.fixture
                .log()
                .archived(
                        StoredArchive.newBuilder()
                                .setKey(key.value())
                                .setEpoch(epoch)
                                .setFirstPosition(epoch)
                                .setEntries(1)
                                .build());
    }

    private void once() {
        OrphanSweep sweep = sweep(GRACE);
        List<CompletableFuture<Void>> done = new ArrayList<>();
        world.loop.call(() -> done.add(sweep.runOnce()));
        world.loop.advance(Duration.ofSeconds(5));
        assertThat(done).singleElement().satisfies(future -> assertThat(future).isCompleted());
    }

    @Test
    void aProcessThatSearchesOnceGoesByTheBucketsClock() {
        world.upload(0);
        world.commit(0);
        world.upload(1);
        archive(1);
        once();
        world.loop.advance(GRACE);
        once();
        assertThat(world.metadata.proposals()).as("old by this machine's clock alone").isZero();

        archive(2);
        world.upload(2);
        once();
        assertThat(world.counted("millrace.orphans.condemned")).isOne();
        assertThat(world.commit(1))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(
                                        new Outcome.ItemOutcome.Rejected(
                                                Reason.STORAGE_UNAVAILABLE))));
    }

    @Test
    void aBlockThatIsCommittedBetweenTheRoundsStays() {
        start(GRACE);
        ObjectKey key = world.upload(0);
        aRoundPasses();
        assertThat(world.commit(0))
                .isEqualTo(new Outcome.Block(List.of(new Outcome.ItemOutcome.Appended(0))));
        aRoundPasses();
        aRoundPasses();
        checkpointAndGracePass();

        assertThat(world.objects.keys()).containsExactly(key);
        assertThat(world.metadata.proposals()).isZero();
        assertThat(found("referenced")).isOne();
    }

    @Test
    void aCommitThatComesAfterTheCondemnationIsRefusedAndItsProducersMaySendAgain() {
        start(GRACE);
        world.upload(0);
        aRoundPasses();
        aRoundPasses();

        assertThat(world.commit(0))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(
                                        new Outcome.ItemOutcome.Rejected(
                                                Reason.STORAGE_UNAVAILABLE))));
        assertThat(Reason.STORAGE_UNAVAILABLE.retriable()).isTrue();
        checkpointAndGracePass();
        assertThat(world.objects.keys()).isEmpty();
    }

    @Test
    void anOrphanStaysWithinItsGracePeriod() {
        start(INTERVAL.multipliedBy(3).minusSeconds(1));
        world.upload(0);
        aRoundPasses();
        aRoundPasses();
        aRoundPasses();
        assertThat(world.metadata.proposals()).isZero();

        aRoundPasses();
        assertThat(world.metadata.proposals()).isOne();
    }

    @Test
    void anObjectRestoredByALateUploadIsDeletedAgain() {
        start(GRACE);
        ObjectKey key = world.upload(0);
        aRoundPasses();
        aRoundPasses();
        checkpointAndGracePass();
        assertThat(world.objects.keys()).isEmpty();

        world.put(key);
        aRoundPasses();
        aRoundPasses();
        checkpointAndGracePass();
        assertThat(world.objects.keys()).isEmpty();
        assertThat(world.counted("millrace.sweep.deleted")).isEqualTo(2);
    }

    @Test
    void whatIsNotOfTheClusterIsNeverTouched() {
        start(GRACE);
        List<ObjectKey> others =
                List.of(
                        world.put(SweepWorld.block(0).key("b")),
                        world.put(SweepWorld.block(0).key("c-1")),
                        world.put(new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 0, 5).key("d")),
                        world.put(new ObjectKey("00/c/notes.txt")),
                        world.put(new ObjectKey("00/c/wal/7/0")),
                        world.put(new ObjectKey("ff/c/meta/archive-1")),
                        world.put(new ObjectKey("readme")));
        ObjectKey wrongHash =
                new ObjectKey("zz" + SweepWorld.block(0).key("c").value().substring(2));
        world.put(wrongHash);
        for (int i = 0; i < 4; i++) {
            aRoundPasses();
        }
        checkpointAndGracePass();

        assertThat(world.objects.keys()).containsAll(others).contains(wrongHash).hasSize(8);
        assertThat(world.metadata.proposals()).isZero();
    }

    @Test
    void aRoundThatFailsIsDoneAgain() {
        start(GRACE);
        world.upload(0);
        aRoundPasses();
        world.bucket.next(Fault.failing(new ObjectStoreException.Unavailable("away", null)));
        aRoundPasses();
        world.metadata.next(
                FaultyMetadata.Fault.replacedBy(
                        new Proposal.NotApplied(new Problem(Reason.OVERLOADED, "later"))));
        aRoundPasses();
        assertThat(world.counted("millrace.orphans.failures")).isEqualTo(2);
        assertThat(world.counted("millrace.orphans.condemned")).isZero();

        aRoundPasses();
        assertThat(world.counted("millrace.orphans.condemned")).isOne();
        checkpointAndGracePass();
        assertThat(world.objects.keys()).isEmpty();
    }

    @Test
    void whileTheLogIsAwayNothingIsCondemned() {
        start(GRACE);
        world.upload(0);
        aRoundPasses();
        world.fixture.log().stallHead(true);
        aRoundPasses();
        assertThat(world.metadata.proposals()).isZero();

        world.fixture.log().stallHead(false);
        aRoundPasses();
        assertThat(world.metadata.proposals()).isOne();
    }

    @Test
    void anotherNodeCondemnsNothingUntilItBecomesResponsible() {
        start(GRACE);
        world.upload(0);
        aRoundPasses();
        world.dutiful(false);
        aRoundPasses();
        world.dutiful(true);
        aRoundPasses();
        assertThat(world.metadata.proposals()).isZero();

        aRoundPasses();
        assertThat(world.metadata.proposals()).isOne();
    }

    @Test
    void manyAreCondemnedSomeAtATime() {
        start(GRACE);
        for (int i = 0; i < 12_500; i++) {
            world.upload(i);
        }
        aRoundPasses();
        aRoundPasses();

        assertThat(world.counted("millrace.orphans.condemned")).isEqualTo(12_500);
        assertThat(world.metadata.proposals()).isBetween(13, 20);
        checkpointAndGracePass();
        assertThat(world.objects.keys()).isEmpty();
    }

    private void create(ObjectKey key) {
        assertThat(world.objects.uploads().create(key, MultipartUpload.MIN_PART_BYTES))
                .isCompleted();
    }

    @Test
    void staleUploadsAreAbortedAfterADay() {
        start(GRACE);
        create(new ObjectId(ObjectId.Kind.SEGMENT, SweepWorld.WRITER, 0).key("c"));
        create(new ObjectId(ObjectId.Kind.SEGMENT, SweepWorld.WRITER, 0).key("d"));
        create(new ObjectKey("mine"));
        world.loop.advance(Duration.ofHours(20));
        ObjectKey young = new ObjectId(ObjectId.Kind.SEGMENT, SweepWorld.WRITER, 1).key("c");
        create(young);
        assertThat(unfinished()).hasSize(4);

        world.loop.advance(Duration.ofHours(6));
        assertThat(unfinished()).hasSize(3).contains(young, new ObjectKey("mine"));
        assertThat(world.counted("millrace.orphans.uploads.aborted")).isOne();
    }

    @Test
    void staleUploadsOfCheckpointsAreAborted() {
        start(GRACE);
        create(new ArchiveKey(ArchiveKey.Kind.CHECKPOINT, 7, 11).key("c"));
        create(new ArchiveKey(ArchiveKey.Kind.CHECKPOINT, 7, 11).key("d"));
        world.loop.advance(Duration.ofHours(26));

        assertThat(unfinished())
                .containsExactly(new ArchiveKey(ArchiveKey.Kind.CHECKPOINT, 7, 11).key("d"));
    }

    @Test
    void aSingleRunAbortsUploadsByTheBucketsClock() {
        create(new ObjectId(ObjectId.Kind.SEGMENT, SweepWorld.WRITER, 0).key("c"));
        world.loop.advance(Duration.ofHours(25));
        once();
        assertThat(unfinished()).as("old by this machine's clock alone").hasSize(1);

        world.upload(0);
        once();
        assertThat(unfinished()).isEmpty();
    }

    private List<ObjectKey> unfinished() {
        return world
                .objects
                .uploads()
                .listUnfinished("", Optional.empty(), 10)
                .join()
                .uploads()
                .stream()
                .map(upload -> upload.id().key())
                .toList();
    }

    @Test
    void unreferencedArchivesAndCheckpointsAreDeleted() {
        start(GRACE);
        ArchiveKey kept = new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 1, 11);
        ObjectKey named = world.put(kept.key("c"));
        world.fixture
                .log()
                .archived(
                        StoredArchive.newBuilder()
                                .setKey(named.value())
                                .setEpoch(1)
                                .setFirstPosition(1)
                                .setEntries(2)
                                .build());
        world.put(new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 1, 12).key("c"));
        world.put(new ArchiveKey(ArchiveKey.Kind.CHECKPOINT, 0, 13).key("c"));
        ObjectKey attempt = world.put(new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 2, 14).key("c"));
        ObjectKey other = world.put(new ArchiveKey(ArchiveKey.Kind.CHECKPOINT, 1_000, 15).key("c"));
        aRoundPasses();
        assertThat(world.objects.keys()).hasSize(5);
        assertThat(found("old_metadata")).isEqualTo(2);

        aRoundPasses();
        assertThat(world.objects.keys()).containsExactlyInAnyOrder(named, attempt, other);
        assertThat(world.counted("millrace.orphans.metadata.deleted")).isEqualTo(2);
        assertThat(world.metadata.proposals()).isZero();
    }
}
