package io.millrace.compaction.schedule;

import static io.millrace.compaction.input.MergeWorld.CLUSTER;
import static io.millrace.storage.stream.ObjectId.Kind.SEGMENT;
import static io.millrace.storage.stream.ObjectId.Kind.WAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.millrace.compaction.input.MergeSettings;
import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Read;
import io.millrace.compaction.input.MergeWorld.Write;
import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.Run;
import io.millrace.storage.stream.StreamObjectVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CompactionSchedulerTest {

    private static final ObjectStoreException AWAY =
            new ObjectStoreException.Unavailable("the bucket is away", null);

    private final MergeWorld world = new MergeWorld(1);
    private final Topic orders = world.fixture.createTopic("orders", 3);

    private ObjectId block(int bytes) {
        return world.block(
                new Write(orders, 2, 3, bytes / 4),
                new Write(orders, 0, 2, bytes / 4),
                new Write(orders, 2, 1, bytes / 4),
                new Write(orders, 1, 5, bytes / 4));
    }

    private List<List<Read>> everything() {
        List<List<Read>> all = new ArrayList<>();
        for (int i = 0; i < orders.partitionCount(); i++) {
            all.add(world.read(orders, i));
        }
        return all;
    }

    private List<ObjectId> dereferenced() {
        return world
                .fixture
                .metadata()
                .objects()
                .dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE)
                .stream()
                .flatMap(DereferencedObjects::ids)
                .toList();
    }

    private StoredObject theSegment() {
        assertThat(world.stored(SEGMENT)).hasSize(1);
        return world.stored(SEGMENT).getFirst();
    }

    @Test
    void enoughBlocksBecomeASegmentThatReadsTheSame() {
        List<ObjectId> blocks = List.of(block(8_000), block(8_000));
        world.start();
        world.roundPasses();
        assertThat(world.stored(SEGMENT)).as("16,000 bytes are not enough").isEmpty();

        ObjectId third = block(8_000);
        List<List<Read>> before = everything();
        world.roundPasses();

        assertThat(everything()).isEqualTo(before);
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(dereferenced()).contains(third).containsAll(blocks).hasSize(3);
        assertThat(world.counted("millrace.merge.inputs")).isEqualTo(3);
        StoredObject segment = theSegment();
        byte[] bytes =
                world.objects
                        .getRange(
                                segment.object().id().key(CLUSTER),
                                new ByteRange(0, (int) segment.object().sizeBytes()))
                        .join();
        assertThat(StreamObjectVerifier.verify(segment.object().id(), bytes))
                .extracting(Run::partition, Run::batchCount)
                .containsExactly(tuple(0, 3), tuple(1, 3), tuple(2, 6));
    }

    @Test
    void whatIsStillInMemoryIsNotReadFromTheBucket() {
        world.remembering = true;
        block(30_000);
        List<List<Read>> before = everything();
        int calls = world.bucket.calls();
        world.start();
        world.roundPasses();

        assertThat(everything()).isEqualTo(before);
        assertThat(world.bucket.calls() - calls).as("the segment is put").isOne();
    }

    @Test
    void fewBlocksAreMergedWhenTheyHaveWaitedLong() {
        world.start();
        block(1_000);
        block(1_000);
        List<List<Read>> before = everything();
        world.loop.advance(MergeWorld.DELAY.minusSeconds(30));
        assertThat(world.stored(SEGMENT)).isEmpty();

        world.loop.advance(MergeWorld.INTERVAL.plusSeconds(30));
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void blocksThatAClockDatedADayAheadWaitNoLongerThanOthers() {
        world.start();
        world.ahead = Duration.ofDays(1);
        block(1_000);
        block(1_000);
        List<List<Read>> before = everything();
        world.loop.advance(MergeWorld.DELAY.minusSeconds(30));
        assertThat(world.stored(SEGMENT)).isEmpty();

        world.loop.advance(MergeWorld.INTERVAL.multipliedBy(2).plusSeconds(30));
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(everything()).isEqualTo(before);

        block(1_000);
        block(1_000);
        world.loop.advance(MergeWorld.DELAY.minusSeconds(30));
        assertThat(world.stored(WAL)).as("later blocks wait again").hasSize(2);
    }

    @Test
    void fewBlocksWaitUntilTheyAreMany() {
        world.job(MergeWorld.settings(3, 0)).start();
        block(12_000);
        block(12_000);
        world.roundPasses();
        assertThat(world.stored(SEGMENT)).isEmpty();

        block(12_000);
        world.roundPasses();
        assertThat(world.stored(SEGMENT)).hasSize(1);
    }

    @Test
    void largeBlocksWaitUntilTheyFillASegmentAsTheyAreMergedOnlyOnce() {
        world.job(MergeWorld.settings(2, 0)).start();
        block(30_000);
        block(30_000);
        world.roundPasses();
        assertThat(world.stored(SEGMENT))
                .as("a segment of 60,000 bytes would be merged no further")
                .isEmpty();

        block(40_000);
        world.roundPasses();
        assertThat(theSegment().liveBytes()).isEqualTo(100_000);
    }

    @Test
    void segmentsWaitUntilPartitionsHaveLongStretchesAndEachIsReadByOneRequest() {
        Topic wide = world.fixture.createTopic("wide", 100);
        Write[] writes = new Write[100];
        for (int i = 0; i < writes.length; i++) {
            writes[i] = new Write(wide, i, 1, 300);
        }
        world.job(MergeWorld.settings(1, 0, 20)).start();
        for (int i = 0; i < 5; i++) {
            world.block(writes);
            world.roundPasses();
        }
        assertThat(world.stored(SEGMENT)).as("1,500 bytes of each partition").hasSize(5);

        world.block(writes);
        List<Read> before = world.read(wide, 99);
        int calls = world.bucket.calls();
        world.roundPasses();
        assertThat(world.stored(SEGMENT))
                .extracting(StoredObject::liveBytes)
                .containsExactly(90_000L, 90_000L);
        assertThat(world.bucket.calls() - calls)
                .as("five segments and the block that is due read, two segments written")
                .isEqualTo(5 + 1 + 2);
        assertThat(world.read(wide, 99)).isEqualTo(before);
    }

    @Test
    void manySmallBlocksStayInMemoryForThoseWhoFollowUntilTheyHaveWaitedLong() {
        world.start();
        for (int i = 0; i < 120; i++) {
            world.block(new Write(orders, i % 3, 1, 70));
        }
        long live = world.stored(WAL).stream().mapToLong(StoredObject::liveBytes).sum();
        world.roundPasses();
        assertThat(world.stored(SEGMENT)).as("twice as many as may be open at once").isEmpty();

        List<List<Read>> before = everything();
        world.loop.advance(MergeWorld.DELAY.plus(MergeWorld.INTERVAL));
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(theSegment().liveBytes())
                .as("read at once, so as many as there is memory for")
                .isEqualTo(live);
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void asManyAreMergedAtOnceAsThereAreWorkersAndNoneTwice() {
        for (int i = 0; i < 5; i++) {
            block(30_000);
        }
        List<List<Read>> before = everything();
        world.bucket.byDefault(Fault.late(world.loop, Duration.ofSeconds(2)));
        world.job(MergeWorld.settings(1, 0), 2).start();
        world.loop.advance(Duration.ofSeconds(5));
        assertThat(world.stored(SEGMENT)).as("one GET and one PUT later").hasSize(2);

        world.loop.advance(Duration.ofSeconds(10));
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(world.counted("millrace.merge.inputs")).isGreaterThanOrEqualTo(5);
        assertThat(world.counted("millrace.merge.superseded")).isZero();
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aMergeThatHangsHoldsUpNoOtherOne() {
        world.bucket.next(Fault.none(), Fault.silent());
        ObjectId hanging = block(30_000);
        world.job(MergeWorld.settings(1, 0), 2).start();
        world.loop.runReady();
        for (int round = 0; round < 4; round++) {
            block(30_000);
            world.roundPasses();
            assertThat(world.stored(WAL))
                    .as("after round %d", round)
                    .extracting(stored -> stored.object().id())
                    .containsExactly(hanging);
            assertThat(world.activeJobs()).isOne();
        }
    }

    @Test
    void aFailedMergeIsRetriedWhileAnotherHangs() {
        world.bucket.next(Fault.none(), Fault.silent());
        ObjectId hanging = block(30_000);
        world.job(MergeWorld.settings(1, 0), 2).start();
        world.loop.runReady();
        block(30_000);
        world.bucket.next(Fault.none(), Fault.failing(AWAY));
        world.roundPasses();
        assertThat(world.counted("millrace.merge.failures")).as("of a write").isOne();
        assertThat(world.stored(WAL)).hasSize(2);

        world.roundPasses();
        assertThat(world.counted("millrace.merge.failures")).isOne();
        assertThat(world.stored(WAL))
                .extracting(stored -> stored.object().id())
                .containsExactly(hanging);
    }

    @Test
    void allIdleWorkersShareOneSearch() {
        world.job(MergeWorld.settings(1, 0), 8).start();
        world.loop.advance(MergeWorld.INTERVAL.multipliedBy(10));
        assertThat(world.check)
                .as("one of merges and one of key compactions a round")
                .isEqualTo(22);
    }

    @Test
    void mergesWriteNoFasterThanTheyMay() {
        for (int i = 0; i < 3; i++) {
            block(30_000);
        }
        world.job(MergeWorld.settings(1, 10_000), 2).start();
        world.loop.advance(Duration.ofSeconds(1));
        assertThat(world.stored(SEGMENT)).hasSize(1);
        world.loop.advance(Duration.ofSeconds(3));
        assertThat(world.stored(SEGMENT)).hasSize(2);
        world.loop.advance(Duration.ofSeconds(3));
        assertThat(world.stored(SEGMENT)).hasSize(3);
    }

    @Test
    void aTinySegmentIsWrittenOnce() {
        world.start();
        world.block(new Write(orders, 0, 1, 70));
        world.block(new Write(orders, 1, 1, 70));
        world.loop.advance(MergeWorld.DELAY.multipliedBy(3));

        assertThat(world.stored(SEGMENT)).hasSize(1);
        assertThat(world.counted("millrace.merge.segments")).isOne();
    }

    @Test
    void segmentsOfOneSizeAreMergedUntilTheyAreLarge() {
        world.start();
        List<List<Read>> before = List.of();
        for (int i = 0; i < 9; i++) {
            block(30_000);
            before = everything();
            world.roundPasses();
        }

        assertThat(world.stored(SEGMENT))
                .as("90,000 bytes each is more than half of what a segment has at most")
                .hasSize(3)
                .allSatisfy(stored -> assertThat(stored.liveBytes()).isEqualTo(90_000));
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void segmentsOfAllSizesAreMergedIfThatMakesLargeOnes() {
        world.start();
        for (int bytes : new int[] {45_000, 21_000, 34_000}) {
            block(bytes);
            world.roundPasses();
        }

        assertThat(theSegment().liveBytes()).isEqualTo(100_000);
    }

    @Test
    void topicsOfAnotherRetentionHaveSegmentsOfTheirOwn() {
        Topic brief = world.fixture.createTopic("brief", 1, Map.of("retention.ms", "1000"));
        world.start();
        world.block(new Write(orders, 0, 1, 9_000), new Write(brief, 0, 1, 12_000));
        List<Read> before = world.read(brief, 0);
        world.roundPasses();

        assertThat(world.stored(SEGMENT))
                .extracting(StoredObject::topicId, StoredObject::liveBytes)
                .containsExactlyInAnyOrder(tuple(orders.id(), 9_000L), tuple(brief.id(), 12_000L));
        assertThat(world.read(brief, 0)).isEqualTo(before);
    }

    @Test
    void aLoneBlockOfTwoRetentionClassesIsPartedWhenItHasWaitedLong() {
        Topic brief = world.fixture.createTopic("brief", 1, Map.of("retention.ms", "1000"));
        world.start();
        world.block(new Write(orders, 0, 1, 900), new Write(brief, 0, 1, 1_200));
        List<Read> before = world.read(brief, 0);
        world.loop.advance(MergeWorld.DELAY.minusSeconds(30));
        assertThat(world.stored(SEGMENT)).as("other blocks may arrive").isEmpty();

        world.loop.advance(MergeWorld.INTERVAL.plusSeconds(30));
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(world.stored(SEGMENT))
                .extracting(StoredObject::topicId, StoredObject::liveBytes)
                .containsExactlyInAnyOrder(tuple(orders.id(), 900L), tuple(brief.id(), 1_200L));
        assertThat(world.read(brief, 0)).isEqualTo(before);
        int calls = world.bucket.calls();
        world.loop.advance(MergeWorld.DELAY.multipliedBy(5));
        assertThat(world.bucket.calls()).as("no further requests").isEqualTo(calls);
    }

    @Test
    void aLoneBlockThatWouldBecomeTheSameStaysAndIsMergedWithTheNext() {
        world.start();
        ObjectId lone = block(1_000);
        int calls = world.bucket.calls();
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
        assertThat(world.stored(WAL))
                .extracting(stored -> stored.object().id())
                .containsExactly(lone);
        assertThat(world.bucket.calls()).isEqualTo(calls);

        block(1_000);
        world.roundPasses();
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(world.stored(SEGMENT)).hasSize(1);
    }

    @Test
    void aLoneBlockThatCannotBeWrittenIsTriedAgainSoon() {
        Topic brief = world.fixture.createTopic("brief", 1, Map.of("retention.ms", "1000"));
        world.start();
        world.block(new Write(orders, 0, 1, 900), new Write(brief, 0, 1, 1_200));
        world.bucket.byDefault(Fault.failing(AWAY));
        world.loop.advance(MergeWorld.DELAY.plus(MergeWorld.INTERVAL));
        assertThat(world.counted("millrace.merge.failures")).isPositive();
        world.bucket.byDefault(Fault.none());
        world.roundPasses();
        assertThat(world.stored(SEGMENT)).hasSize(2);
    }

    @Test
    void aSparseSegmentIsRewritten() {
        world.start();
        world.block(new Write(orders, 0, 10, 30_000), new Write(orders, 1, 10, 15_000));
        world.roundPasses();
        ObjectId sparse = theSegment().object().id();
        world.beginAt(orders, 0, 10);
        world.roundPasses();

        assertThat(dereferenced()).contains(sparse);
        assertThat(theSegment().liveBytes()).isEqualTo(15_000);
        assertThat(world.read(orders, 1)).hasSize(1);
    }

    @Test
    void aDamagedBlockIsNamedAndLeftAloneAndTheRestGoesOn() {
        ObjectId damaged = block(8_000);
        byte[] bytes = world.objects.getRange(damaged.key(CLUSTER), new ByteRange(0, 4_000)).join();
        bytes[3_000] ^= 1;
        assertThat(world.objects.put(damaged.key(CLUSTER), ObjectBody.of(bytes))).isCompleted();
        world.start();
        for (int i = 0; i < 3; i++) {
            block(8_000);
        }
        world.roundPasses();

        assertThat(world.stored(WAL))
                .extracting(stored -> stored.object().id())
                .containsExactly(damaged);
        assertThat(world.stored(SEGMENT)).hasSize(1);
        assertThat(world.counted("millrace.merge.damaged")).isOne();
        world.loop.advance(MergeWorld.DELAY.multipliedBy(2));
        assertThat(world.counted("millrace.merge.damaged")).as("no other block, no merge").isOne();
    }

    @Test
    void aMissingBlockIsNamedAndLeftAloneAndTheRestGoesOn() {
        ObjectId missing = block(8_000);
        assertThat(world.objects.delete(List.of(missing.key(CLUSTER)))).isCompleted();
        world.start();
        for (int i = 0; i < 3; i++) {
            block(8_000);
        }
        world.roundPasses();

        assertThat(world.stored(WAL))
                .extracting(stored -> stored.object().id())
                .containsExactly(missing);
        assertThat(world.counted("millrace.merge.damaged")).isOne();
    }

    @Test
    void aTopicThatIsDeletedMeanwhileCostsOnlyItsOwnRows() {
        Topic other = world.fixture.createTopic("other", 1);
        world.block(new Write(orders, 0, 1, 15_000), new Write(other, 0, 1, 15_000));
        List<List<Read>> before = everything();
        world.bucket.next(Fault.late(world.loop, Duration.ofSeconds(2)));
        world.start();
        world.loop.advance(Duration.ofSeconds(1));
        world.fixture.propose(new Command.TopicDeleted(other.id()));
        world.roundPasses();

        assertThat(world.stored(WAL)).isEmpty();
        assertThat(everything()).isEqualTo(before);
        assertThat(world.counted("millrace.merge.superseded")).isOne();
    }

    @Test
    void aFailedMergeIsRetried() {
        block(30_000);
        List<List<Read>> before = everything();
        world.bucket.next(Fault.failing(AWAY));
        world.start();
        world.loop.runReady();
        assertThat(world.counted("millrace.merge.failures")).isOne();
        assertThat(world.stored(SEGMENT)).isEmpty();

        world.bucket.next(Fault.none(), Fault.losingTheAnswer(AWAY));
        world.roundPasses();
        assertThat(world.counted("millrace.merge.failures")).as("of a write").isEqualTo(2);

        world.metadata.next(
                FaultyMetadata.Fault.replacedBy(
                        new Proposal.Unknown(new Problem(Reason.OUTCOME_UNKNOWN, "nobody knows"))));
        world.roundPasses();
        assertThat(world.counted("millrace.merge.failures")).as("of a command").isEqualTo(3);

        world.roundPasses();
        assertThat(world.stored(WAL)).isEmpty();
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aSegmentOfManyPartsIsWrittenAndOneThatIsGivenUpLeavesNothing() {
        int batch = 3 << 20;
        for (int i = 0; i < 3; i++) {
            world.block(new Write(orders, 0, 1, batch), new Write(orders, 1, 1, batch));
        }
        List<List<Read>> before = everything();
        MergeSettings settings =
                new MergeSettings(
                        1,
                        18L << 20,
                        MergeWorld.DELAY,
                        3,
                        100 << 20,
                        50,
                        1 << 20,
                        5 << 20,
                        1_000,
                        0,
                        MergeWorld.INTERVAL);
        world.bucket.byDefault(
                Fault.chosen(
                        () -> world.random.nextInt(200) == 0 ? Fault.failing(AWAY) : Fault.none()));
        world.job(settings).start();
        for (int i = 0; i < 100 && world.stored(SEGMENT).isEmpty(); i++) {
            world.roundPasses();
        }

        assertThat(theSegment().liveBytes()).isEqualTo(6L * batch);
        assertThat(world.counted("millrace.merge.failures")).isPositive();
        assertThat(everything()).isEqualTo(before);
        assertThat(world.objects.uploads().listUnfinished("", Optional.empty(), 1).join().uploads())
                .as("parts of aborted uploads")
                .isEmpty();
    }

    @Test
    void aSingleRoundEndsWhileBlocksKeepComing() {
        block(24_000);
        world.bucket.byDefault(Fault.late(world.loop, Duration.ofSeconds(1)));
        CompletableFuture<Integer> round =
                CompletableFuture.supplyAsync(
                                () -> world.job(MergeWorld.settings()).runAllDue(), world.loop)
                        .thenCompose(written -> written);
        for (int i = 0; i < 50; i++) {
            world.loop.advance(Duration.ofMillis(100));
            block(24_000);
        }
        world.loop.advance(Duration.ofSeconds(10));
        assertThat(round).isCompletedWithValue(1);
        assertThat(world.stored(WAL)).as("stored during the round").hasSizeGreaterThan(40);
    }

    @Test
    void aBlockThatEndsBeforeItsExtentIsLeftAlone() {
        ObjectId damaged =
                world.block(new Write(orders, 0, 3, 8_000), new Write(orders, 1, 3, 16_000));
        int position = 16;
        byte[] bytes =
                world.objects
                        .getRange(damaged.key(CLUSTER), new ByteRange(0, position + 24_000))
                        .join();
        BatchHeader.write(bytes, position, 8_000, BatchHeader.Fields.anonymous(0, 2, 500, 1_000));
        assertThat(world.objects.put(damaged.key(CLUSTER), ObjectBody.of(bytes))).isCompleted();
        world.start();
        world.roundPasses();
        assertThat(world.counted("millrace.merge.damaged")).isOne();
        assertThat(world.counted("millrace.merge.segments")).as("uploads").isZero();
    }
}
