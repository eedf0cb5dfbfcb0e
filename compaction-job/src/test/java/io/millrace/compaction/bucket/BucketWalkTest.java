package io.millrace.compaction.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BucketWalkTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final FaultyObjectStore bucket = new FaultyObjectStore(objects);
    private final BucketWalk walk = new BucketWalk(fixture.metadata(), bucket, "c");

    private ObjectKey put(ObjectKey key) {
        assertThat(objects.put(key, ObjectBody.of(new byte[1100]))).isCompleted();
        return key;
    }

    private static ObjectId block(long writer, long sequence) {
        return new ObjectId(ObjectId.Kind.WAL, writer, sequence);
    }

    private void finish(CompletableFuture<Void> done) {
        loop.advance(Duration.ofSeconds(1));
        assertThat(done).isCompleted();
    }

    private static CompletableFuture<Void> seen() {
        return CompletableFuture.completedFuture(null);
    }

    @Test
    void eachObjectIsSaidToBeWhatItIs() {
        Topic topic = fixture.createTopic("orders", 1);
        Map<String, ObjectStatus> expected = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            fixture.propose(
                    new Command.BlockCommitted(
                            new ObjectRef(block(7, i), 1_000, 1_100),
                            0,
                            List.of(
                                    new BatchItem(
                                            topic.id(), 0, 10, 0, 100, 0, ProducerStamp.NONE))));
            expected.put(
                    put(block(7, i).key("c")).value(),
                    i < 20 ? ObjectStatus.IN_GRACE : ObjectStatus.REFERENCED);
        }
        fixture.propose(new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, 200))));
        fixture.propose(
                new Command.ObjectsCondemned(List.of(new CondemnedObject(block(8, 1), 1_100))));
        expected.put(put(block(8, 0).key("c")).value(), ObjectStatus.UNREFERENCED);
        expected.put(put(block(8, 1).key("c")).value(), ObjectStatus.IN_GRACE);
        expected.put(
                put(new ObjectId(ObjectId.Kind.SEGMENT, 7, 1).key("c")).value(),
                ObjectStatus.UNREFERENCED);
        expected.put(put(block(7, 0).key("d")).value(), ObjectStatus.FOREIGN);
        expected.put(put(new ObjectKey("notes")).value(), ObjectStatus.FOREIGN);
        ClusterId id = new ClusterId("a".repeat(32));
        expected.put(put(id.key("c")).value(), ObjectStatus.METADATA);
        expected.put(put(id.key("d")).value(), ObjectStatus.FOREIGN);
        expected.put(
                put(new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 1, 5).key("c")).value(),
                ObjectStatus.METADATA);
        expected.put(
                put(new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 0, 5).key("c")).value(),
                ObjectStatus.OLD_METADATA);

        Map<String, ObjectStatus> found = new TreeMap<>();
        finish(
                walk.wholeBucket(some -> {
                    some.forEach(
                            surveyed -> found.put(surveyed.object().name(), surveyed.status()));
                    return seen();
                }));
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void allOfAClusterIsFoundAmongOthers() {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            objects.delete(objects.keys()).join();
            Set<String> own = new HashSet<>();
            int count = random.nextInt(3_000);
            for (int i = 0; i < count; i++) {
                own.add(put(block(random.nextLong(), random.nextInt(50)).key("c")).value());
            }
            int others = random.nextInt(4_000);
            for (int i = 0; i < others; i++) {
                String cluster = List.of("b", "c-1", "c.d", "c0", "cc").get(random.nextInt(5));
                put(block(random.nextLong(), i).key(cluster));
                put(new ObjectKey("logs/" + random.nextLong()));
            }
            int before = bucket.calls();
            List<String> found = new ArrayList<>();
            finish(
                    walk.ofCluster(some -> {
                        some.stream()
                                .filter(surveyed -> surveyed.status() != ObjectStatus.FOREIGN)
                                .forEach(surveyed -> found.add(surveyed.object().name()));
                        return seen();
                    }));

            assertThat(found).as("seed %d", seed).doesNotHaveDuplicates().containsAll(own);
            assertThat(found).as("seed %d", seed).hasSameSizeAs(own);
            assertThat(bucket.calls() - before)
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo((own.size() + others) / 1000 + 2);
        }
    }

    @Test
    void whatLiesBesideTheObjectsOfAClusterIsNotListed() {
        put(block(1, 1).key("c"));
        for (int i = 0; i < 10_000; i++) {
            put(new ObjectKey("80/b/" + i));
            put(new ObjectKey("logs/" + i));
        }
        finish(walk.ofCluster(some -> seen()));
        assertThat(bucket.calls()).isLessThanOrEqualTo(3);
    }

    @Test
    void aVisitorThatFailsEndsTheWalk() {
        put(new ObjectKey("a"));
        CompletableFuture<Void> done =
                walk.wholeBucket(
                        some -> CompletableFuture.failedFuture(new IllegalStateException("full")));
        loop.advance(Duration.ofSeconds(1));
        assertThat(done).isCompletedExceptionally();
    }
}
