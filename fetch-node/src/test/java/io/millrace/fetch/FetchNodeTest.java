package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Failed;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests the results of fetches. */
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
    void aBatchIsServedWithItsOffset() {
        world.write(List.of(batch(0, 3, 300)));
        world.write(List.of(batch(0, 2, 200)));

        Fetched fetched = (Fetched) world.fetch("orders", 0, 3, 0);

        assertThat(fetched.batches().toByteArray()).isEqualTo(model(0, 1));
        assertThat(fetched.highWatermark()).isEqualTo(5);
        assertThat(fetched.logStartOffset()).isEqualTo(0);
    }

    @Test
    void anOffsetOfADeletedTopicIsNotReadInATopicOfTheSameName() {
        world.write(List.of(batch(0, 3, 300)));
        Fetched before = (Fetched) world.fetch("orders", 0, 0, 0);
        world.deleteTopic(topic);
        world.topic("orders", 4);

        PartitionResult after =
                world.fetch(
                                new FetchQuery(
                                        List.of(
                                                new FetchQuery.PartitionQuery(
                                                        "orders", 0, 0, 0, before.topicId())),
                                        Duration.ZERO,
                                        1,
                                        0))
                        .partitions()
                        .getFirst();

        assertThat(problem(after).reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(problem(after).message()).contains("created again");
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
    void unusedSharesGoToOtherPartitions() {
        world.write(List.of(batch(0, 1, 1000)));
        world.write(IntStream.range(0, 60).mapToObj(i -> batch(1, 1, 10_000)).toList());

        FetchResult result = world.fetch(all(400_000));

        assertThat(((Fetched) result.partitions().get(1)).batches().sizeBytes())
                .isGreaterThan(370_000);
    }

    @Test
    void batchesLargerThanTheirShareUseTheRemainder() {
        for (int partition = 0; partition < 4; partition++) {
            world.write(List.of(batch(partition, 1, 150_000)));
        }

        FetchResult result = world.fetch(all(500_000));

        assertThat(result.partitions().stream().map(p -> ((Fetched) p).batches().batchCount()))
                .containsExactly(1, 1, 1, 0);
    }

    @Test
    void anUnknownTopicIsReportedOnlyAfterABarrier() {
        assertThat(problem(world.fetch("nothing", 0, 0, 0)).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(world.metadata.barriers()).isEqualTo(1);
    }

    @Test
    void aTopicThatThisNodeHasNotHeardOfYetIsFoundThroughABarrier() {
        world.elsewhere.createTopic("late", 1);

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
        world.metadata.trim(topic.id(), 0, 3);

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
        world.writeElsewhere(List.of(batch(0, 3, 300)));

        assertThat(((Fetched) world.fetch("orders", 0, 5, 0)).highWatermark()).isEqualTo(6);
    }

    @Test
    void withoutABarrierANegativeAnswerIsRetriable() {
        world.here.log().close().join();
        world.elsewhere.createTopic("late", 1);

        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.query("late", 0, 0, 0));
        world.loop.advance(Duration.ofSeconds(15));

        Problem problem = problem(FetchWorld.done(fetch).partitions().getFirst());
        assertThat(problem.reason()).isEqualTo(Reason.METADATA_UNAVAILABLE);
        assertThat(problem.retriable()).isTrue();
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
                                4 * FetchWorld.CHUNK,
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
        CompletableFuture<FetchResult> rejected =
                world.begin(FetchWorld.query("orders", 0, 0, FetchQuery.MAX_BYTES + 1));

        assertThatThrownBy(() -> FetchWorld.done(rejected))
                .cause()
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().reason()).isEqualTo(Reason.MALFORMED_REQUEST));
    }
}
