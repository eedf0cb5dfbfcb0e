package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests the GETs that fetches cause. */
final class ObjectLoadsTest {

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

    @Test
    void aTailingConsumerCausesNoGet() {
        world.writeRecent(List.of(batch(0, 3, 300)));

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
        assertThat(world.bucket.calls()).isZero();
    }

    @Test
    void chunksNeverStoredTakeNoSpace() {
        FetchWorld small = new FetchWorld(FetchWorld.settings(150_000, 0), 1);
        Topic there = small.topic("orders", 1);
        small.writeRecent(batches(small, there, 0, 1));
        for (int i = 0; i < 5; i++) {
            small.failToWrite(batches(small, there, 0, 1));
        }

        assertThat(bytes(small.fetch("orders", 0, 0, 0))).isNotEmpty();
        assertThat(small.bucket.calls()).isZero();
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
        assertThat(world.bucket.calls()).isEqualTo(1); // the chunk and the index after it
    }

    @Test
    void anObjectOfTwoChunksIsLoadedAtOnce() {
        world.write(List.of(batch(0, 1, 60_000), batch(1, 1, 60_000)));

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
        assertThat(bytes(world.fetch("orders", 1, 0, 0))).isEqualTo(model(1, 0));
        assertThat(world.bucket.calls()).isEqualTo(1);
    }

    @Test
    void theIndexOfALargerObjectIsLoadedBesideTheChunk() {
        world.write(IntStream.range(0, 10).mapToObj(i -> batch(0, 1, 60_000)).toList());
        CompletableFuture<FetchResult> fetch =
                world.begin(FetchWorld.query("orders", 0, 0, 60_000));

        world.loop.advance(Duration.ofMillis(15));

        assertThat(bytes(fetch.join().partitions().getFirst())).isEqualTo(model(0, 0));
    }

    @Test
    void loadsInFlightAreBounded() {
        world.write(IntStream.range(0, 30).mapToObj(i -> batch(0, 1, 60_000)).toList());

        world.fetch("orders", 0, 0, 1);
        int callsBefore = world.bucket.calls();
        world.bucket.byDefault(Fault.silent());

        world.begin(FetchWorld.query("orders", 0, 0, 0));
        world.loop.advance(Duration.ofSeconds(1));

        assertThat(world.bucket.calls() - callsBefore).isEqualTo(4);
    }

    @Test
    void objectsOfOneReplyAreLoadedBesideEachOther() {
        for (int i = 0; i < 4; i++) {
            world.write(List.of(batch(0, 1, 1000)));
        }
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.query("orders", 0, 0, 0));

        // A round trip takes 10 ms.
        world.loop.advance(Duration.ofMillis(15));

        assertThat(fetch.join().partitions().getFirst())
                .isInstanceOfSatisfying(
                        Fetched.class, all -> assertThat(all.batches().batchCount()).isEqualTo(4));
    }

    @Test
    void cachedBytesDoNotWaitForSlowLoads() {
        world.writeRecent(List.of(batch(0, 1, 1000)));
        world.write(List.of(batch(0, 1, 1000), batch(1, 1, 1000)));
        world.bucket.byDefault(Fault.late(world.loop, Duration.ofSeconds(2), Fault.none()));
        FetchQuery both =
                new FetchQuery(
                        List.of(
                                new FetchQuery.PartitionQuery("orders", 1, 0, 0),
                                new FetchQuery.PartitionQuery("orders", 0, 0, 0)),
                        Duration.ZERO,
                        1,
                        0);
        CompletableFuture<FetchResult> fetch = world.begin(both);

        world.loop.advance(Duration.ofMillis(60));

        assertThat(bytes(fetch.join().partitions().get(1))).isEqualTo(model(0, 0));
        assertThat(bytes(fetch.join().partitions().get(0))).isEmpty();
        assertThat(bytes(world.fetch("orders", 1, 0, 0))).isEqualTo(model(1, 0));
    }

    @Test
    void allWaitingFetchesReceiveTheirPartOfALateChunk() {
        world.write(List.of(batch(0, 1, 1000), batch(1, 1, 1000), batch(2, 1, 1000)));
        world.bucket.byDefault(Fault.late(world.loop, Duration.ofMillis(200), Fault.none()));
        FetchQuery all =
                new FetchQuery(
                        IntStream.range(0, 3)
                                .mapToObj(p -> new FetchQuery.PartitionQuery("orders", p, 0, 0))
                                .toList(),
                        Duration.ZERO,
                        1,
                        0);

        assertThat(world.fetch(all).partitions())
                .extracting(ObjectLoadsTest::bytes)
                .containsExactly(model(0, 0), model(1, 0), model(2, 0));
    }

    @Test
    void anEmptyReplyWaitsForTheFirstLoad() {
        world.write(List.of(batch(0, 1, 1000)));
        world.write(List.of(batch(0, 1, 1000)));
        world.bucket.byDefault(Fault.late(world.loop, Duration.ofMillis(200), Fault.none()));

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).startsWith(model(0, 0));
    }

    @Test
    void catchUpReadsDoNotEvictRecentWrites() {
        for (int i = 0; i < 20; i++) {
            world.write(IntStream.range(0, 10).mapToObj(b -> batch(0, 1, 60_000)).toList());
        }
        world.writeRecent(List.of(batch(1, 1, 1000)));
        for (int offset = 0; offset < 200; offset += 10) {
            world.fetch("orders", 0, offset, 0);
        }
        int callsBefore = world.bucket.calls();

        assertThat(bytes(world.fetch("orders", 1, 0, 0))).isEqualTo(model(1, 0));
        assertThat(world.bucket.calls()).isEqualTo(callsBefore);
    }

    @Test
    void sequentialReadersFindTheNextChunksLoaded() {
        FetchWorld ahead = new FetchWorld(FetchWorld.settings(0, 6), 1);
        Topic cold = ahead.topic("cold", 1);
        ahead.write(batches(ahead, cold, 0, 20));
        ahead.fetch("cold", 0, 0, 130_000);
        ahead.fetch("cold", 0, 2, 130_000);
        ahead.failBucketReads();

        assertThat(ahead.fetch("cold", 0, 4, 65_000)).isInstanceOf(Fetched.class);
    }

    private static List<Written> batches(FetchWorld of, Topic topic, int partition, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Written(topic, partition, of.batch(1, 60_000, 0)))
                .toList();
    }

    private static long gets(FetchWorld of) {
        return of.meters.get("millrace.fetch.load").timer().count();
    }

    @Test
    void neighboursThatOneFetchWantsComeByOneGet() {
        world.write(batches(world, topic, 0, 30));
        world.writeRecent(List.of(batch(0, 1, 100)));

        assertThat(bytes(world.fetch("orders", 0, 0, 600_000))).startsWith(model(0, 0));
        assertThat(gets(world)).as("one for the chunks, one for the index").isEqualTo(2);
    }

    @Test
    void oneOfManyThatIsDamagedOnItsWayIsReadOnceMore() {
        world.write(batches(world, topic, 0, 30));
        world.writeRecent(List.of(batch(0, 1, 100)));
        world.bucket.next(Fault.none(), Fault.none(), Fault.none(), new DamagingFault());

        CompletableFuture<FetchResult> fetch =
                world.begin(FetchWorld.query("orders", 0, 0, 600_000));
        world.loop.advance(Duration.ofSeconds(5));
        assertThat(((Fetched) fetch.join().partitions().getFirst()).batches().batchCount())
                .isEqualTo(9);
        assertThat(gets(world)).isEqualTo(3);
    }

    @Test
    void whereAGetBreaksOffTheRestIsAskedForAgain() {
        world.write(batches(world, topic, 0, 30));
        world.writeRecent(List.of(batch(0, 1, 100)));
        world.bucket.next(
                Fault.none(),
                Fault.none(),
                Fault.none(),
                Fault.failing(new ObjectStoreException.Unavailable("it breaks off", null)));

        int offset = 0;
        for (int i = 0; i < 20 && offset < 31; i++) {
            if (world.fetch("orders", 0, offset, 600_000) instanceof Fetched some) {
                assertThat(some.batches().toByteArray()).startsWith(model(0, offset));
                offset += some.batches().batchCount();
            }
        }
        assertThat(offset).isEqualTo(31);
    }

    @Test
    void sequentialReadersNeedFewGetsAndReadNothingTwice() {
        FetchWorld ahead = new FetchWorld(FetchWorld.settings(0, 12), 1);
        Topic cold = ahead.topic("cold", 1);
        ahead.write(batches(ahead, cold, 0, 64));
        for (int offset = 0; offset < 64; offset++) {
            assertThat(bytes(ahead.fetch("cold", 0, offset, 60_000)))
                    .isEqualTo(ahead.served(cold, 0).get(offset));
        }

        int chunks = 64 * 60_070 / FetchWorld.CHUNK + 1;
        assertThat(gets(ahead)).as("eight chunks at a time").isLessThan(chunks / 8 + 4);
        assertThat(ahead.bucket.calls()).as("parts").isLessThanOrEqualTo(chunks + 1);
    }

    @Test
    void chunksLoadedAheadForOneReaderDoNotEvictThoseOfAnother() {
        FetchWorld ahead = new FetchWorld(FetchWorld.settings(0, 24), 1);
        Topic cold = ahead.topic("cold", 20);
        for (int partition = 0; partition < 20; partition++) {
            ahead.write(batches(ahead, cold, partition, 16));
        }
        for (int offset = 0; offset < 16; offset++) {
            List<CompletableFuture<FetchResult>> round = new ArrayList<>();
            for (int partition = 0; partition < 20; partition++) {
                round.add(ahead.begin(FetchWorld.query("cold", partition, offset, 60_000)));
            }
            ahead.loop.advance(Duration.ofMillis(500));
            assertThat(round).allMatch(CompletableFuture::isDone);
        }

        int chunks = 20 * (16 * 60_070 / FetchWorld.CHUNK + 1);
        assertThat(ahead.bucket.calls() - 20)
                .as("chunks loaded, of which 64 fit into memory")
                .isLessThan(chunks * 3 / 2);
    }

    @Test
    void randomReadersCauseNoReadAhead() {
        FetchWorld ahead = new FetchWorld(FetchWorld.settings(0, 2), 1);
        Topic cold = ahead.topic("cold", 1);
        ahead.write(
                IntStream.range(0, 20)
                        .mapToObj(i -> new Written(cold, 0, ahead.batch(1, 60_000, 0)))
                        .toList());
        for (int offset : new int[] {12, 3, 8}) {
            ahead.fetch("cold", 0, offset, 65_000);
        }

        assertThat(ahead.meters.get("millrace.fetch.load.ahead").counter().count()).isZero();
    }
}
