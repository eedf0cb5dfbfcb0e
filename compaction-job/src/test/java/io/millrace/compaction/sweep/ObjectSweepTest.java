package io.millrace.compaction.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStoreException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectSweepTest {

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration GRACE = Duration.ofMinutes(5);

    private final SweepWorld world = new SweepWorld();
    private long blocks;
    private long archivedEntries;

    private void start() {
        world.sweep(INTERVAL, GRACE);
    }

    private void write() {
        world.upload(blocks);
        world.commit(blocks++);
    }

    private void beginAt(long offset) {
        world.fixture.propose(
                new Command.LogStartAdvanced(world.topicId(), List.of(new LogStart(0, offset))));
    }

    private void graceAndARoundPass() {
        world.loop.advance(GRACE.plus(INTERVAL.multipliedBy(2)));
    }

    private List<DereferencedObjects> remembered() {
        return world.metadata.objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    /** Moves all unarchived entries into an archive. */
    private void archive() {
        ObjectKey key = world.put(new ObjectKey("archives/" + archivedEntries));
        long entries = world.metadata.objects().appliedEntries();
        world.fixture
                .log()
                .archived(
                        StoredArchive.newBuilder()
                                .setKey(key.value())
                                .setFirstPosition(archivedEntries + 1)
                                .setEntries(entries - archivedEntries)
                                .build());
        archivedEntries = entries;
    }

    private List<ObjectKey> blocks() {
        return world.objects.keys().stream().filter(key -> key.value().contains("/wal/")).toList();
    }

    @Test
    void objectsDereferencedLongBeforeTheStartAreDeletedAtOnce() {
        write();
        write();
        beginAt(10);
        world.checkpoint();
        archive();
        world.loop.advance(GRACE);
        write();
        archive();
        start();
        world.loop.runReady();

        assertThat(blocks())
                .containsExactlyInAnyOrder(
                        SweepWorld.block(1).key(SweepWorld.CLUSTER),
                        SweepWorld.block(2).key(SweepWorld.CLUSTER));
    }

    @Test
    void objectsDereferencedShortlyBeforeTheStartWait() {
        write();
        beginAt(10);
        world.checkpoint();
        archive();
        world.loop.advance(GRACE.minusSeconds(1));
        write();
        archive();
        start();
        world.loop.advance(INTERVAL.multipliedBy(3));
        assertThat(blocks()).hasSize(2);

        graceAndARoundPass();
        assertThat(blocks()).hasSize(1);
    }

    @Test
    void anObjectThatNothingNamesGoesWhenItsGraceIsOverAndIsForgotten() {
        start();
        write();
        write();
        beginAt(10);
        world.checkpoint();
        world.loop.advance(GRACE.minus(INTERVAL.multipliedBy(2)));
        assertThat(world.objects.keys()).hasSize(2);

        graceAndARoundPass();
        assertThat(world.objects.keys())
                .containsExactly(SweepWorld.block(1).key(SweepWorld.CLUSTER));
        assertThat(remembered()).isEmpty();
        assertThat(world.counted("millrace.sweep.deleted")).isOne();
        assertThat(world.counted("millrace.sweep.deleted.size")).isEqualTo(1100);
    }

    @Test
    void objectsReferencedByTheCheckpointStay() {
        start();
        write();
        world.checkpoint();
        beginAt(10);
        graceAndARoundPass();
        assertThat(world.objects.keys()).hasSize(1);

        world.checkpoint();
        world.loop.advance(INTERVAL);
        assertThat(world.objects.keys()).isEmpty();
    }

    @Test
    void objectsReferencedByARetainedCheckpointStay() {
        world.fixture.log().setCheckpointRetention(Duration.ofHours(1));
        start();
        write();
        world.checkpoint();
        beginAt(10);
        world.checkpoint();
        graceAndARoundPass();
        assertThat(world.objects.keys()).hasSize(1);

        world.fixture.log().setCheckpointRetention(Duration.ZERO);
        world.checkpoint();
        world.loop.advance(INTERVAL);
        assertThat(world.objects.keys()).isEmpty();
    }

    @Test
    void whatCannotBeDeletedIsTriedAgainAndRememberedUntilThen() {
        start();
        write();
        beginAt(10);
        world.checkpoint();
        world.bucket.byDefault(
                Fault.failing(new ObjectStoreException.Throttled("slow down", null)));
        graceAndARoundPass();
        assertThat(remembered()).hasSize(1);
        assertThat(world.counted("millrace.sweep.failures")).isPositive();

        world.bucket.byDefault(Fault.none());
        world.loop.advance(INTERVAL.multipliedBy(2));
        assertThat(world.objects.keys()).isEmpty();
        assertThat(remembered()).isEmpty();
    }

    @Test
    void aDeletionMissingInTheLogIsRepeated() {
        start();
        write();
        beginAt(10);
        world.checkpoint();
        world.metadata.next(
                FaultyMetadata.Fault.replacedBy(
                        new Proposal.NotApplied(new Problem(Reason.OVERLOADED, "later"))));
        graceAndARoundPass();

        assertThat(world.metadata.proposals()).isEqualTo(2);
        assertThat(world.objects.keys()).isEmpty();
        assertThat(remembered()).isEmpty();
    }

    @Test
    void aNodeThatIsNotResponsibleDeletesNothing() {
        world.dutiful(false);
        start();
        write();
        beginAt(10);
        world.checkpoint();
        graceAndARoundPass();
        assertThat(world.objects.keys()).hasSize(1);

        world.dutiful(true);
        world.loop.advance(INTERVAL);
        assertThat(world.objects.keys()).as("it observed the dereference long ago").isEmpty();
    }

    @Test
    void manyAreDeletedInPagesAndNotedTogether() {
        start();
        for (int i = 0; i < 2_500; i++) {
            write();
        }
        beginAt(24_000);
        beginAt(25_000);
        world.checkpoint();
        graceAndARoundPass();

        assertThat(world.objects.keys()).isEmpty();
        assertThat(world.bucket.calls()).as("pages of 1,000").isEqualTo(3);
        assertThat(world.metadata.proposals()).isEqualTo(1);
        assertThat(world.counted("millrace.sweep.deleted")).isEqualTo(2_500);
    }

    @Test
    void whileTheLogIsAwayNothingIsDeleted() {
        start();
        write();
        beginAt(10);
        world.checkpoint();
        world.fixture.log().stallHead(true);
        graceAndARoundPass();
        assertThat(world.objects.keys()).hasSize(1);

        world.fixture.log().stallHead(false);
        world.loop.advance(INTERVAL.multipliedBy(2));
        assertThat(world.objects.keys()).isEmpty();
    }

    /** Makes one of a number of due objects undeletable. */
    private ObjectKey oneOf(int count, ObjectStoreException why) {
        start();
        for (int i = 0; i < count; i++) {
            write();
        }
        beginAt(10L * count);
        world.checkpoint();
        ObjectKey bad = SweepWorld.block(count / 2).key(SweepWorld.CLUSTER);
        world.bucket.forObject(bad, Fault.failing(why));
        graceAndARoundPass();
        return bad;
    }

    private void oneHoldsUpNoOther(int count, ObjectStoreException why) {
        ObjectKey bad = oneOf(count, why);
        assertThat(world.objects.keys()).containsExactly(bad);
        assertThat(remembered()).isEmpty();
        assertThat(world.counted("millrace.sweep.undeleted")).isOne();

        world.loop.advance(INTERVAL.multipliedBy(3));
        assertThat(world.counted("millrace.sweep.undeleted")).as("reported once").isOne();
        assertThat(world.counted("millrace.sweep.failures")).isZero();

        world.bucket.forObject(bad, Fault.none());
        world.loop.advance(INTERVAL.multipliedBy(2));
        assertThat(world.objects.keys()).isEmpty();
    }

    @Test
    void anObjectThatMayNotBeDeletedHoldsUpNoOtherAndIsTriedAgain() {
        oneHoldsUpNoOther(
                2_500, new ObjectStoreException.RequestRejected("403 AccessDenied", null));
    }

    @Test
    void anObjectOfAFewThatCannotBeDeletedHoldsUpNoOtherAndIsTriedAgain() {
        oneHoldsUpNoOther(3, new ObjectStoreException.Unavailable("EACCES", null));
    }

    @Test
    void moreUndeletableObjectsThanAreRememberedStopNoOtherDeletion() {
        start();
        int count = 2 * Deletions.MAX_UNDELETED + 2_000;
        ObjectStoreException why =
                new ObjectStoreException.RequestRejected("403 AccessDenied", null);
        for (int i = 0; i < count; i++) {
            write();
            if (i % 2 == 0) {
                world.bucket.forObject(
                        SweepWorld.block(i).key(SweepWorld.CLUSTER), Fault.failing(why));
            }
        }
        beginAt(10L * count);
        world.checkpoint();
        graceAndARoundPass();

        assertThat(world.objects.keys()).hasSize(count / 2);
        assertThat(remembered()).isEmpty();
        assertThat(world.counted("millrace.sweep.failures")).isZero();
    }

    @Test
    void whereNothingMayBeDeletedAllIsRemembered() {
        start();
        write();
        write();
        beginAt(20);
        world.checkpoint();
        world.bucket.byDefault(
                Fault.failing(new ObjectStoreException.RequestRejected("403", null)));
        graceAndARoundPass();
        assertThat(remembered()).isNotEmpty();
        assertThat(world.counted("millrace.sweep.undeleted")).isZero();
        assertThat(world.counted("millrace.sweep.failures")).isPositive();
    }
}
