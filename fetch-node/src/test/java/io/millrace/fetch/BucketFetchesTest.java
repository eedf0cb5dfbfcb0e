package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Fetches that bypass the caches of the node. */
final class BucketFetchesTest {

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 1);

    private static FetchQuery fromBucket(long offset, Duration wait) {
        return new FetchQuery(
                List.of(new FetchQuery.PartitionQuery("orders", 0, offset, 0)),
                wait,
                1,
                0,
                FetchQuery.Source.BUCKET);
    }

    private PartitionResult audited() {
        return world.fetch(fromBucket(0, Duration.ZERO)).partitions().getFirst();
    }

    private static byte[] bytes(PartitionResult result) {
        return ((PartitionResult.Fetched) result).batches().toByteArray();
    }

    @Test
    void aRecentWriteThatTheBucketLostIsNotServed() {
        ObjectRef written =
                world.writeRecent(List.of(new Written(topic, 0, world.batch(3, 300, 1000))));
        byte[] stored = world.served(topic, 0).getFirst();
        assertThat(bytes(audited())).isEqualTo(stored);

        world.lose(written);

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(stored);
        assertThat(audited()).isInstanceOf(PartitionResult.Failed.class);
    }

    @Test
    void aCachedChunkThatTheBucketLostIsNotServed() {
        ObjectRef written = world.write(List.of(new Written(topic, 0, world.batch(3, 300, 1000))));
        byte[] stored = world.served(topic, 0).getFirst();
        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(stored);
        assertThat(bytes(audited())).isEqualTo(stored);

        world.lose(written);

        assertThat(bytes(world.fetch("orders", 0, 0, 0))).isEqualTo(stored);
        assertThat(audited()).isInstanceOf(PartitionResult.Failed.class);
    }

    @Test
    void furtherFetchesAreRejectedUntilOneEnds() {
        CompletableFuture<FetchResult> first = world.begin(fromBucket(0, Duration.ofMinutes(1)));
        for (int i = 1; i < BucketFetches.MAX_OPEN; i++) {
            var unused = world.begin(fromBucket(0, Duration.ofMinutes(1)));
        }
        assertThatThrownBy(() -> world.fetch(fromBucket(0, Duration.ZERO)))
                .hasMessageContaining("from_bucket");
        first.cancel(false);
        assertThat(audited()).isInstanceOf(PartitionResult.Fetched.class);
    }
}
