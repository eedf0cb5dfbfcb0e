package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Failed;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.metadata.Extent;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FetchNodeTest {

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 4);

    private Written batch(int partition, int records, int bytes) {
        return new Written(topic, partition, world.batch(records, bytes, 1000));
    }

    private byte[] model(int partition, int batch) {
        return world.served(topic, partition).get(batch);
    }

    private static byte[] bytes(PartitionResult result) {
        return ((Fetched) result).batches().toByteArray();
    }

    private static Problem problem(PartitionResult result) {
        return ((Failed) result).problem();
    }

    @Test
    void aTailingConsumerCausesNoGet() {
        world.writeHot(List.of(batch(0, 3, 300)));

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
        assertThat(world.bucket.gets).isEmpty();
    }

    @Test
    void aBatchIsServedWithItsOffset() {
        world.write(List.of(batch(0, 3, 300)));
        world.write(List.of(batch(0, 2, 200)));

        Fetched fetched = (Fetched) world.fetch("orders", 0, 3, 0);

        assertThat(fetched.batches().toByteArray()).isEqualTo(model(0, 1));
        assertThat(fetched.highWatermark()).isEqualTo(5);
        assertThat(fetched.logStartOffset()).isEqualTo(0);
    }

    @Test
    void theFirstBatchContainsTheWantedOffset() {
        world.write(List.of(batch(0, 3, 300), batch(0, 3, 300), batch(0, 3, 300)));

        byte[] wanted = new byte[model(0, 1).length];
        System.arraycopy(bytes(world.fetch("orders", 0, 4, 0)), 0, wanted, 0, wanted.length);

        assertThat(wanted).isEqualTo(model(0, 1));
    }

    @Test
    void theFirstBatchIsServedEvenIfItIsLargerThanTheReplyMayBe() {
        world.write(List.of(batch(0, 3, 200_000)));

        assertThat(bytes(world.fetch("orders", 0, 0, 1000))).isEqualTo(model(0, 0));
    }

    @Test
    void aReplyKeepsToItsBytes() {
        world.write(List.of(batch(0, 1, 1000), batch(0, 1, 1000), batch(0, 1, 1000)));

        assertThat(((Fetched) world.fetch("orders", 0, 0, 2500)).batches().batchCount())
                .isEqualTo(2);
    }

    @Test
    void aReplyIsSharedFairlyAmongItsPartitions() {
        for (int partition = 0; partition < 4; partition++) {
            int p = partition;
            world.write(IntStream.range(0, 40).mapToObj(i -> batch(p, 1, 10_000)).toList());
        }

        FetchResult result = world.fetch(all(400_000));

        assertThat(result.partitions())
                .allSatisfy(part ->
                        assertThat(((Fetched) part).batches().sizeBytes())
                                .isBetween(80_000, 110_000));
    }

    @Test
    void whatOnePartitionDoesNotNeedGoesToTheOthers() {
        world.write(List.of(batch(0, 1, 1000)));
        world.write(IntStream.range(0, 60).mapToObj(i -> batch(1, 1, 10_000)).toList());

        FetchResult result = world.fetch(all(400_000));

        assertThat(((Fetched) result.partitions().get(1)).batches().sizeBytes())
                .isGreaterThan(370_000);
    }

    @Test
    void batchesLargerThanTheirShareAreServedFromWhatIsLeft() {
        for (int partition = 0; partition < 4; partition++) {
            world.write(List.of(batch(partition, 1, 150_000)));
        }

        FetchResult result = world.fetch(all(500_000));

        assertThat(result.partitions().stream().map(p -> ((Fetched) p).batches().batchCount()))
                .containsExactly(1, 1, 1, 0);
    }

    private static FetchQuery all(int maxBytes) {
        return new FetchQuery(
                IntStream.range(0, 4)
                        .mapToObj(p -> new FetchQuery.PartitionQuery("orders", p, 0, 0))
                        .toList(),
                Duration.ZERO,
                1,
                maxBytes);
    }

    @Test
    void aChunkIsLoadedOnceHoweverManyAsk() {
        world.write(List.of(batch(0, 1, 10_000), batch(1, 1, 10_000)));
        List<CompletableFuture<FetchResult>> fetches = new ArrayList<>();
        world.loop.call(() -> {
            for (int i = 0; i < 10; i++) {
                fetches.add(world.node.fetch(FetchWorld.query("orders", i % 2, 0, 0)));
            }
        });
        world.loop.advance(Duration.ofSeconds(1));

        assertThat(fetches)
                .allSatisfy(f -> assertThat(bytes(f.join().partitions().getFirst())).isNotEmpty());
        assertThat(world.bucket.gets).hasSize(2); // the index and the one chunk
    }

    @Test
    void loadsInFlightAreBounded() {
        world.write(IntStream.range(0, 30).mapToObj(i -> batch(0, 1, 60_000)).toList());

        assertThat(((Fetched) world.fetch("orders", 0, 0, 0)).batches().batchCount()).isEqualTo(30);
        assertThat(world.bucket.mostInFlight).isEqualTo(4);
    }

    @Test
    void coldScansDoNotEvictWhatTailingConsumersRead() {
        for (int i = 0; i < 20; i++) {
            world.write(IntStream.range(0, 10).mapToObj(b -> batch(0, 1, 60_000)).toList());
        }
        world.writeHot(List.of(batch(1, 1, 1000)));
        for (int offset = 0; offset < 200; offset += 10) {
            world.fetch("orders", 0, offset, 0);
        }
        world.bucket.gets.clear();

        world.fetch("orders", 1, 0, 0);

        assertThat(world.bucket.gets).isEmpty();
    }

    @Test
    void bytesDamagedOnTheWayAreReadOnceMore() {
        world.write(List.of(batch(0, 3, 300)));
        world.bucket.damagedReads = 1;

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
    }

    @Test
    void bytesDamagedInTheBucketAreNamedAndNeverServed() {
        ObjectRef object = world.write(List.of(batch(0, 1, 100_000)));
        world.bucket.flipByte(FetchWorld.key(object), 90_000);

        Problem problem = problem(world.fetch("orders", 0, 0, 0));

        assertThat(problem.reason()).isEqualTo(Reason.CORRUPT_DATA);
        assertThat(problem.message()).contains(object.id().toString()).contains("page 1");
    }

    @Test
    void whatIsReadableBeforeTheDamageIsServed() {
        ObjectRef first = world.write(List.of(batch(0, 1, 1000)));
        ObjectRef object = world.write(List.of(batch(0, 1, 1000)));
        world.bucket.flipByte(FetchWorld.key(object), 500);

        assertThat(first).isNotEqualTo(object);
        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
        assertThat(problem(world.fetch("orders", 0, 1, 0)).reason()).isEqualTo(Reason.CORRUPT_DATA);
    }

    @Test
    void anObjectThatIsGoneIsLookedUpAgain() {
        ObjectRef old = world.write(List.of(batch(0, 1, 1000)));
        world.bucket.lose(FetchWorld.key(old));
        world.metadata.lag(() -> {
            ScriptedMetadata.Log log = world.metadata.log(topic.id(), 0);
            log.extents.clear();
            world.model.clear();
            world.write(List.of(batch(0, 1, 900)));
        });

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
    }

    @Test
    void anObjectThatIsGoneButReferencedIsNamed() {
        ObjectRef object = world.write(List.of(batch(0, 1, 1000)));
        world.bucket.lose(FetchWorld.key(object));

        Problem problem = problem(world.fetch("orders", 0, 0, 0));

        assertThat(problem.reason()).isEqualTo(Reason.CORRUPT_DATA);
        assertThat(problem.message()).contains(object.id().toString()).contains("gone");
        assertThat(world.metadata.barriers).isEqualTo(1);
    }

    @Test
    void withTheBucketAwayCachedBytesAreServedAndTheRestIsRetriable() {
        world.write(List.of(batch(0, 1, 1000)));
        world.write(List.of(batch(1, 1, 1000)));
        world.fetch("orders", 0, 0, 0);
        world.bucket.away = true;

        FetchResult result = world.fetch(all(0));

        assertThat(bytes(result.partitions().get(0))).isEqualTo(model(0, 0));
        assertThat(problem(result.partitions().get(1)).reason())
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(problem(result.partitions().get(1)).retriable()).isTrue();
    }

    @Test
    void whenTheBucketIsBackServiceGoesOn() {
        world.write(List.of(batch(0, 1, 1000)));
        world.bucket.away = true;
        world.fetch("orders", 0, 0, 0);
        world.bucket.away = false;

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
    }

    @Test
    void anUnknownTopicIsDeniedOnlyBehindABarrier() {
        assertThat(problem(world.fetch("nothing", 0, 0, 0)).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(world.metadata.barriers).isEqualTo(1);
    }

    @Test
    void aTopicThatThisNodeHasNotHeardOfYetIsFoundThroughABarrier() {
        world.metadata.lag(() -> world.topic("late", 1));

        assertThat(world.fetch("late", 0, 0, 0)).isInstanceOf(Fetched.class);
    }

    @Test
    void anUnknownPartitionSaysWhichThereAre() {
        Problem problem = problem(world.fetch("orders", 4, 0, 0));

        assertThat(problem.reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertThat(problem.message()).contains("0 to 3");
    }

    @Test
    void anOffsetOutOfRangeCarriesTheValidRange() {
        world.write(List.of(batch(0, 3, 300), batch(0, 3, 300)));
        world.metadata.log(topic.id(), 0).logStart = 3;

        for (long offset : new long[] {2, 7}) {
            Problem problem = problem(world.fetch("orders", 0, offset, 0));
            assertThat(problem.reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
            assertThat(problem.details())
                    .containsEntry("log_start_offset", "3")
                    .containsEntry("high_watermark", "6");
        }
    }

    @Test
    void anOffsetPastTheEndOfThisCopyIsServedIfABarrierBringsIt() {
        world.write(List.of(batch(0, 3, 300)));
        world.metadata.lag(() -> world.write(List.of(batch(0, 3, 300))));

        assertThat(((Fetched) world.fetch("orders", 0, 5, 0)).highWatermark()).isEqualTo(6);
    }

    @Test
    void withoutABarrierANegativeAnswerIsRetriable() {
        world.metadata.barrierFailure =
                Optional.of(new ProblemException(new Problem(Reason.METADATA_UNAVAILABLE, "away")));

        assertThat(problem(world.fetch("nothing", 0, 0, 0)).reason())
                .isEqualTo(Reason.METADATA_UNAVAILABLE);
    }

    @Test
    void aFetchAtTheEndWaitsForData() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));
        world.loop.advance(Duration.ofSeconds(59));
        assertThat(fetch).isNotDone();

        world.writeHot(List.of(batch(0, 1, 100)));

        assertThat(bytes(fetch.join().partitions().getFirst())).isEqualTo(model(0, 0));
    }

    @Test
    void aFetchAtTheEndEndsEmptyWhenItsTimeIsOver() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));
        world.loop.advance(Duration.ofSeconds(60));

        assertThat(((Fetched) FetchWorld.done(fetch).partitions().getFirst()).batches().isEmpty())
                .isTrue();
        assertThat(world.loop.idle()).isTrue();
    }

    @Test
    void aFetchWaitsUntilItsLeastBytesAreThere() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1500));
        world.writeHot(List.of(batch(0, 1, 1000)));
        assertThat(fetch).isNotDone();

        world.writeHot(List.of(batch(0, 1, 1000)));

        assertThat(
                        ((Fetched) FetchWorld.done(fetch).partitions().getFirst())
                                .batches()
                                .batchCount())
                .isEqualTo(2);
    }

    @Test
    void onlyWaitersOfThePartitionThatChangedAreWoken() {
        CompletableFuture<FetchResult> one = world.begin(FetchWorld.poll("orders", 0, 0, 100_000));
        world.begin(FetchWorld.poll("orders", 1, 0, 100_000));
        world.metadata.extentLists = 0;

        world.writeHot(List.of(batch(0, 1, 100)));

        assertThat(one).isNotDone();
        assertThat(world.metadata.extentLists).isEqualTo(1);
    }

    @Test
    void aTopicThatIsDeletedEndsTheWaitForIt() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));

        world.loop.call(() -> world.metadata.deleteTopic("orders"));

        assertThat(problem(FetchWorld.done(fetch).partitions().getFirst()).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void aTopicThatTookTheNameOfADeletedOneIsAnother() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));

        world.loop.call(() -> {
            world.metadata.deleteTopic("orders");
            world.topic("orders", 1);
        });

        assertThat(problem(FetchWorld.done(fetch).partitions().getFirst()).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void cancellingAFetchEndsItsWait() {
        world.begin(FetchWorld.poll("orders", 0, 0, 1)).cancel(false);
        world.loop.runReady();

        assertThat(world.loop.idle()).isTrue();
        assertThat(world.meters.get("millrace.fetch.waiting").gauge().value()).isZero();
    }

    @Test
    void moreFetchesThanAllowedAreRefused() {
        for (int i = 0; i < 100; i++) {
            world.begin(FetchWorld.poll("orders", 0, 0, 1));
        }

        CompletableFuture<FetchResult> refused = world.begin(FetchWorld.poll("orders", 0, 0, 1));

        assertThatThrownBy(() -> FetchWorld.done(refused))
                .cause()
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().reason()).isEqualTo(Reason.OVERLOADED));
    }

    @Test
    void repliesGetSmallerAndAreThenRefusedAsTheirMemoryRunsOut() {
        FetchWorld small =
                new FetchWorld(
                        new FetchSettings(
                                FetchWorld.CLUSTER,
                                0,
                                4 << 20,
                                FetchWorld.CHUNK,
                                4,
                                0,
                                100,
                                1 << 20),
                        1);
        Topic cold = small.topic("cold", 1);
        small.write(
                IntStream.range(0, 20)
                        .mapToObj(i -> new Written(cold, 0, small.batch(1, 60_000, 0)))
                        .toList());
        CompletableFuture<FetchResult> first =
                small.begin(FetchWorld.query("cold", 0, 0, 700 << 10));
        CompletableFuture<FetchResult> second =
                small.begin(FetchWorld.query("cold", 0, 0, 700 << 10));
        CompletableFuture<FetchResult> third =
                small.begin(FetchWorld.query("cold", 0, 0, 700 << 10));
        small.loop.advance(Duration.ofSeconds(5));

        assertThat(((Fetched) first.join().partitions().getFirst()).batches().sizeBytes())
                .isGreaterThan(600 << 10);
        assertThat(((Fetched) second.join().partitions().getFirst()).batches().sizeBytes())
                .isBetween(200 << 10, 324 << 10);
        assertThat(third).isCompletedExceptionally();
        assertThat(small.fetch("cold", 0, 0, 700 << 10)).isInstanceOf(Fetched.class);
    }

    @Test
    void aQueryBeyondTheLimitsIsMalformed() {
        CompletableFuture<FetchResult> refused =
                world.begin(FetchWorld.query("orders", 0, 0, FetchQuery.MAX_BYTES + 1));

        assertThatThrownBy(() -> FetchWorld.done(refused))
                .cause()
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().reason()).isEqualTo(Reason.MALFORMED_REQUEST));
    }

    @Test
    void batchesThatAreNotWhereTheMetadataSayAreNeverServed() {
        world.writeHot(List.of(batch(0, 3, 300), batch(0, 3, 300)));
        ScriptedMetadata.Log log = world.metadata.log(topic.id(), 0);
        log.extents.replaceAll(e ->
                new Extent(
                        e.baseOffset(),
                        e.offsetCount(),
                        e.object(),
                        e.position() + 1,
                        e.length() - 1,
                        e.maxTimestampMs()));

        assertThat(problem(world.fetch("orders", 0, 0, 0)).reason()).isEqualTo(Reason.CORRUPT_DATA);
    }

    @Test
    void whoReadsInOrderFindsTheNextChunksLoaded() {
        FetchWorld ahead =
                new FetchWorld(
                        new FetchSettings(
                                FetchWorld.CLUSTER,
                                0,
                                4 << 20,
                                FetchWorld.CHUNK,
                                4,
                                2,
                                100,
                                64 << 20),
                        1);
        Topic cold = ahead.topic("cold", 1);
        ahead.write(
                IntStream.range(0, 20)
                        .mapToObj(i -> new Written(cold, 0, ahead.batch(1, 60_000, 0)))
                        .toList());
        ahead.fetch("cold", 0, 0, 130_000);
        ahead.fetch("cold", 0, 2, 130_000);
        ahead.bucket.gets.clear();
        ahead.bucket.away = true;

        assertThat(ahead.fetch("cold", 0, 4, 65_000)).isInstanceOf(Fetched.class);
    }
}
