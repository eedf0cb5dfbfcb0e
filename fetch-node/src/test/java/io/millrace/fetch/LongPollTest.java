package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Failed;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests fetches that wait. */
final class LongPollTest {

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
    void aFetchAtTheEndWaitsForData() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));
        world.loop.advance(Duration.ofSeconds(59));
        assertThat(fetch).isNotDone();

        world.writeRecent(List.of(batch(0, 1, 100)));

        assertThat(bytes(fetch.join().partitions().getFirst())).isEqualTo(model(0, 0));
    }

    @Test
    void aWaitingFetchIsWokenByAWriteOfAnotherProcess() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));

        world.writeElsewhere(List.of(batch(0, 1, 100)));
        world.loop.advance(Duration.ofSeconds(2));

        assertThat(bytes(FetchWorld.done(fetch).partitions().getFirst())).isEqualTo(model(0, 0));
    }

    @Test
    void aFetchAtTheEndEndsEmptyWhenItsTimeIsOver() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));
        world.loop.advance(Duration.ofSeconds(60));

        assertThat(((Fetched) FetchWorld.done(fetch).partitions().getFirst()).batches().isEmpty())
                .isTrue();
        assertThat(world.meters.get("millrace.fetch.waiting").gauge().value()).isZero();
    }

    @Test
    void aFetchWaitsUntilItsLeastBytesAreThere() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1500));
        world.writeRecent(List.of(batch(0, 1, 1000)));
        assertThat(fetch).isNotDone();

        world.writeRecent(List.of(batch(0, 1, 1000)));

        assertThat(
                        ((Fetched) FetchWorld.done(fetch).partitions().getFirst())
                                .batches()
                                .batchCount())
                .isEqualTo(2);
    }

    @Test
    void onlyWaitersOfThePartitionThatChangedAreWoken() {
        CompletableFuture<FetchResult> future =
                world.begin(FetchWorld.poll("orders", 0, 0, 100_000));
        world.begin(FetchWorld.poll("orders", 1, 0, 100_000));
        int listsBefore = world.metadata.extentLists();

        world.writeRecent(List.of(batch(0, 1, 100)));

        assertThat(future).isNotDone();
        assertThat(world.metadata.extentLists() - listsBefore).isEqualTo(1);
    }

    @Test
    void aTopicThatIsDeletedEndsTheWaitForIt() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));

        world.deleteTopic(topic);

        assertThat(problem(FetchWorld.done(fetch).partitions().getFirst()).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void aTopicThatTookTheNameOfADeletedOneIsAnother() {
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.poll("orders", 0, 0, 1));

        // This process sees both entries at once.
        world.elsewhere.propose(new Command.TopicDeleted(topic.id()));
        world.elsewhere.createTopic("orders", 1);
        world.loop.advance(Duration.ofSeconds(2));

        assertThat(problem(FetchWorld.done(fetch).partitions().getFirst()).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void cancellingAFetchEndsItsWait() {
        world.begin(FetchWorld.poll("orders", 0, 0, 1)).cancel(false);
        world.loop.runReady();

        assertThat(world.meters.get("millrace.fetch.waiting").gauge().value()).isZero();
    }

    @Test
    void morePartitionsThanAllowedInAllFetchesAreRefused() {
        int half = OpenFetches.MAX_PARTITIONS / 2;
        world.topic("wide", half);
        world.begin(poll("wide", IntStream.range(0, half)), "greedy");
        assertRefused(world.begin(FetchWorld.poll("orders", 0, 0, 1), "greedy"), Reason.OVERLOADED);

        world.begin(poll("wide", IntStream.range(0, half - 1)), "second");
        assertThat(world.begin(FetchWorld.poll("orders", 0, 0, 1), "small")).isNotDone();
        assertRefused(world.begin(FetchWorld.poll("orders", 0, 0, 1), "late"), Reason.OVERLOADED);
    }

    @Test
    void aPartitionNamedTwiceIsRefused() {
        assertRefused(world.begin(poll("orders", IntStream.of(0, 1, 0))), Reason.MALFORMED_REQUEST);
    }

    private static FetchQuery poll(String topic, IntStream partitions) {
        return new FetchQuery(
                partitions.mapToObj(p -> new FetchQuery.PartitionQuery(topic, p, 0, 0)).toList(),
                Duration.ofSeconds(60),
                1,
                0);
    }

    private static void assertRefused(CompletableFuture<FetchResult> fetch, Reason reason) {
        assertThatThrownBy(() -> FetchWorld.done(fetch))
                .cause()
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.problem().reason()).isEqualTo(reason));
    }

    @Test
    void aReaderWithManyFetchesIsRefusedAndLeavesRoomForOthers() {
        for (int i = 0; i < 50; i++) {
            world.begin(FetchWorld.poll("orders", 0, 0, 1), "greedy");
        }

        assertRefused(world.begin(FetchWorld.poll("orders", 0, 0, 1), "greedy"), Reason.OVERLOADED);
        assertThat(world.begin(FetchWorld.poll("orders", 0, 0, 1), "small")).isNotDone();
    }
}
