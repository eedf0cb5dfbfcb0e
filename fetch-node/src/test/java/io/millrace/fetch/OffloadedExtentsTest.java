package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Failed;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tests reads of offloaded extents. */
final class OffloadedExtentsTest {

    private static final int BATCHES = 12;

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 2);

    /** Writes one batch of two records per object and offloads all but the last extents. */
    private ObjectRef fillAndOffload(int partition, int max) {
        for (int i = 0; i < BATCHES; i++) {
            world.write(List.of(new Written(topic, partition, world.batch(2, 2_000, 1_000L * i))));
        }
        return world.offload(topic, partition, 2, max).orElseThrow();
    }

    /** Returns the object of the second batch. */
    private ObjectRef fillAndHold(int partition) {
        List<ObjectRef> blocks = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            blocks.add(
                    world.write(
                            List.of(
                                    new Written(
                                            topic, partition, world.batch(2, 2_000, 1_000L * i)))));
        }
        return blocks.get(1);
    }

    private static byte[] bytes(PartitionResult result) {
        return ((Fetched) result).batches().toByteArray();
    }

    private static Failed failed(PartitionResult result) {
        return (Failed) result;
    }

    private double reads(String result) {
        return world.meters.counter("millrace.fetch.offloaded.ranges", "result", result).count();
    }

    @Test
    void sequentialReadersReadAManifestOncePerOffloadedRange() {
        fillAndOffload(0, 5);

        for (int i = 0; i < BATCHES; i++) {
            assertThat(bytes(world.fetch("orders", 0, 2L * i, 1)))
                    .isEqualTo(world.served(topic, 0).get(i));
        }

        assertThat(reads("loaded")).isEqualTo(2);
        assertThat(reads("known")).isGreaterThan(5);
    }

    @Test
    void aMissingReferencedManifestIsNamedInTheError() {
        ObjectRef manifest = fillAndOffload(0, 5);
        world.lose(manifest);

        Failed failed = failed(world.fetch("orders", 0, 3, 0));

        assertThat(failed.problem().reason()).isEqualTo(Reason.CORRUPT_DATA);
        assertThat(failed.problem().message()).contains(manifest.id().toString());
        assertThat(bytes(world.fetch("orders", 0, 2 * (BATCHES - 1), 0))).isNotEmpty();
    }

    @Test
    void aManifestDeletedAfterAReloadIsNotAnError() {
        ObjectRef manifest = fillAndOffload(0, 100);
        world.reloadElsewhere(topic, 0);
        world.lose(manifest);

        assertThat(bytes(world.fetch("orders", 0, 4, 1))).isEqualTo(world.served(topic, 0).get(2));
    }

    @Test
    void extentsTrimmedDuringAManifestReadAreOutOfRange() {
        ObjectRef block = fillAndHold(0);
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.query("orders", 0, 2, 1));
        world.lose(block);
        assertThat(world.offload(topic, 0, 2, 100)).isPresent();
        world.bucket.byDefault(Fault.late(world.loop, Duration.ofMillis(20), Fault.none()));
        world.loop.advance(Duration.ofMillis(15));
        world.here.propose(new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, 6))));
        world.loop.advance(Duration.ofSeconds(5));

        Failed failed = failed(FetchWorld.done(fetch).partitions().getFirst());
        assertThat(failed.problem().reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void anUnreadableManifestOfJustOffloadedExtentsIsReported() {
        ObjectRef block = fillAndHold(0);
        CompletableFuture<FetchResult> fetch = world.begin(FetchWorld.query("orders", 0, 2, 1));
        world.lose(block);
        assertThat(world.offload(topic, 0, 2, 100)).isPresent();
        world.bucket.byDefault(
                Fault.failing(new ObjectStoreException.RequestRejected("expired", null)));
        world.loop.advance(Duration.ofSeconds(5));

        Failed failed = failed(FetchWorld.done(fetch).partitions().getFirst());
        assertThat(failed.problem().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
    }

    @Test
    void aDamagedManifestIsNeverBelieved() {
        ObjectRef manifest = fillAndOffload(0, 100);
        world.damage(manifest, 16 + 28 + 3);

        Failed failed = failed(world.fetch("orders", 0, 3, 0));

        assertThat(failed.problem().reason()).isEqualTo(Reason.CORRUPT_DATA);
        assertThat(failed.problem().message()).contains(manifest.id().toString());
    }

    @Test
    void extentsInMemoryDoNotWaitForAManifest() {
        fillAndOffload(0, 100);
        world.writeRecent(List.of(new Written(topic, 1, world.batch(1, 500, 5))));
        world.bucket.byDefault(Fault.silent());

        CompletableFuture<FetchResult> both =
                world.begin(
                        new FetchQuery(
                                List.of(
                                        new FetchQuery.PartitionQuery("orders", 0, 0, 0),
                                        new FetchQuery.PartitionQuery("orders", 1, 0, 0)),
                                Duration.ofSeconds(30),
                                1,
                                0));
        world.loop.advance(Duration.ofSeconds(1));

        List<PartitionResult> results = FetchWorld.done(both).partitions();
        assertThat(bytes(results.get(0))).isEmpty();
        assertThat(bytes(results.get(1))).isEqualTo(world.served(topic, 1).getFirst());
    }

    @Test
    void aTimeIsFoundInAManifestToo() {
        fillAndOffload(0, 3);

        for (int i = 0; i < BATCHES; i++) {
            assertThat(world.offset("orders", 0, new OffsetLookup.LookupPosition.Time(1_000L * i)))
                    .isEqualTo(new OffsetResult.Found(2L * i, 1_000L * i));
            assertThat(
                            world.offset(
                                    "orders",
                                    0,
                                    new OffsetLookup.LookupPosition.Time(1_000L * i + 1)))
                    .isEqualTo(new OffsetResult.Found(2L * i + 1, 1_000L * i + 1));
        }
    }

    @Test
    void aTimeOfATrimmedRecordIsSearchedAfterABarrier() {
        world.write(List.of(new Written(topic, 0, world.batch(2, 100, 2_000_000))));
        fillAndOffload(0, 100);
        world.here.propose(new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, 2))));
        int barriers = world.metadata.barriers();

        assertThat(world.offset("orders", 0, new OffsetLookup.LookupPosition.Time(1_000_000)))
                .isEqualTo(new OffsetResult.Found(2 + 2 * BATCHES, -1));
        assertThat(world.metadata.barriers()).isGreaterThan(barriers);
    }

    @Test
    void aTimeBelowTheLogStartIsNotFoundInItsOffloadedRange() {
        fillAndOffload(0, 5);
        world.here.propose(new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, 7))));

        assertThat(world.offset("orders", 0, new OffsetLookup.LookupPosition.Time(0)))
                .isEqualTo(new OffsetResult.Found(7, 3_001));
        assertThat(failed(world.fetch("orders", 0, 5, 0)).problem().reason())
                .isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
    }
}
