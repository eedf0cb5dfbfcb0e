package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.fetch.PartitionResult.Failed;
import io.millrace.fetch.PartitionResult.Fetched;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests fetches of damaged, missing or unavailable objects. */
final class UnreadableObjectsTest {

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
    void aSilentBucketDelaysOnlyReadsFromTheBucket() {
        world.write(List.of(batch(0, 1, 1000)));
        world.writeRecent(List.of(batch(1, 1, 1000)));
        world.bucket.byDefault(Fault.silent());
        CompletableFuture<FetchResult> cold = world.begin(FetchWorld.query("orders", 0, 0, 0));

        assertThat(bytes(world.fetch("orders", 1, 0, 0))).isEqualTo(model(1, 0));
        assertThat(cold).isNotDone();
    }

    @Test
    void anIndexBeyondTheLimitOfAGetIsNotLoaded() {
        ObjectRef wrong =
                new ObjectRef(
                        new ObjectId(ObjectId.Kind.WAL, world.metadata.incarnation(), 100),
                        4L * FetchWorld.CHUNK,
                        1L << 40);
        BatchItem item = new BatchItem(topic.id(), 0, 1, 16, 1000, 0, ProducerStamp.NONE);
        world.here.propose(new Command.BlockCommitted(wrong, 0, List.of(item)));

        assertThat(problem(world.fetch("orders", 0, 0, 0)).reason()).isEqualTo(Reason.CORRUPT_DATA);
    }

    @Test
    void anIndexDamagedOnTheWayIsReadOnceMore() {
        world.write(IntStream.range(0, 4).mapToObj(i -> batch(0, 1, 60_000)).toList());
        world.bucket.next(new DamagingFault());

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).startsWith(model(0, 0));
    }

    @Test
    void aPageDamagedOnTheWayIsReadOnceMore() {
        world.write(IntStream.range(0, 4).mapToObj(i -> batch(0, 1, 60_000)).toList());
        world.bucket.next(Fault.none(), new DamagingFault());

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).startsWith(model(0, 0));
    }

    @Test
    void aSmallObjectDamagedOnTheWayIsReadOnceMore() {
        world.write(List.of(batch(0, 3, 300)));
        world.bucket.next(new DamagingFault());

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
    }

    @Test
    void bytesDamagedInTheBucketAreNamedAndNeverServed() {
        ObjectRef object = world.write(List.of(batch(0, 1, 100_000)));
        world.damage(object, 90_000);

        Problem problem = problem(world.fetch("orders", 0, 0, 0));

        assertThat(problem.reason()).isEqualTo(Reason.CORRUPT_DATA);
        assertThat(problem.message()).contains(object.id().toString()).contains("page 1");
    }

    @Test
    void recordsBeforeTheDamageAreServed() {
        ObjectRef first = world.write(List.of(batch(0, 1, 1000)));
        ObjectRef object = world.write(List.of(batch(0, 1, 1000)));
        world.damage(object, 500);

        assertThat(first).isNotEqualTo(object);
        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
        assertThat(problem(world.fetch("orders", 0, 1, 0)).reason()).isEqualTo(Reason.CORRUPT_DATA);
    }

    @Test
    void aMissingObjectIsLookedUpAgain() {
        List<Written> batches = List.of(batch(0, 1, 1000));
        ObjectRef old = world.write(batches);
        world.metadata.replace(old, world.copy(batches));
        world.lose(old);

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
    }

    @Test
    void anObjectDeletedWithItsTopicIsNotReportedAsDamage() {
        ObjectRef object = world.write(List.of(batch(0, 1, 1000)));
        world.elsewhere.propose(new Command.TopicDeleted(topic.id()));
        world.lose(object);

        assertThat(problem(world.fetch("orders", 0, 0, 0)).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void aMissingReferencedObjectIsNamedInTheError() {
        ObjectRef object = world.write(List.of(batch(0, 1, 1000)));
        world.lose(object);

        Problem problem = problem(world.fetch("orders", 0, 0, 0));

        assertThat(problem.reason()).isEqualTo(Reason.CORRUPT_DATA);
        assertThat(problem.message()).contains(object.id().toString()).contains("missing");
        assertThat(world.metadata.barriers()).isEqualTo(1);
    }

    @Test
    void withTheBucketAwayCachedBytesAreServedAndTheRestIsRetriable() {
        world.write(List.of(batch(0, 1, 1000)));
        world.write(List.of(batch(1, 1, 1000)));
        world.fetch("orders", 0, 0, 0);
        world.failBucketReads();

        FetchResult result = world.fetch(all(0));

        assertThat(bytes(result.partitions().get(0))).isEqualTo(model(0, 0));
        assertThat(problem(result.partitions().get(1)).reason())
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(problem(result.partitions().get(1)).retriable()).isTrue();
    }

    @Test
    void readsResumeWhenTheBucketIsAvailableAgain() {
        world.write(List.of(batch(0, 1, 1000)));
        world.failBucketReads();
        world.fetch("orders", 0, 0, 0);
        world.restoreBucketReads();

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(model(0, 0));
    }

    @Test
    void batchesThatAreNotWhereTheMetadataSayAreNeverServed() {
        world.writeMisplaced(List.of(batch(0, 3, 300), batch(0, 3, 300)), 1);

        assertThat(problem(world.fetch("orders", 0, 0, 0)).reason()).isEqualTo(Reason.CORRUPT_DATA);
    }
}
