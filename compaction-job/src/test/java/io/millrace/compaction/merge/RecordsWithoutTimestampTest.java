package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.input.MergeWorld;
import io.millrace.compaction.input.MergeWorld.Batch;
import io.millrace.metadata.Extent;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.ObjectId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that retention uses the upload time of records without timestamps. */
class RecordsWithoutTimestampTest {

    private static final int BYTES = 10_000;

    private final MergeWorld world = new MergeWorld(1);
    private final Topic orders = world.fixture.createTopic("orders", 1);

    private void block() {
        byte[] array = new byte[BYTES];
        BatchHeader.write(
                array,
                0,
                BYTES,
                BatchHeader.Fields.anonymous(
                        0, 2, BatchHeader.NO_TIMESTAMP, BatchHeader.NO_TIMESTAMP));
        world.block(List.of(new Batch(orders, 0, array)));
    }

    private List<Extent> extents() {
        return world.fixture
                .metadata()
                .view()
                .partition(orders.id(), 0)
                .orElseThrow()
                .extents(0, Long.MAX_VALUE);
    }

    @Test
    void aMergeKeepsTheirAge() {
        world.loop.advance(Duration.ofHours(1));
        block();
        world.loop.advance(Duration.ofMinutes(1));
        block();
        long newestMs = extents().getLast().maxTimestampMs();
        assertThat(newestMs).isGreaterThanOrEqualTo(Duration.ofMinutes(61).toMillis());

        world.start();
        world.roundPasses();
        assertThat(world.stored(ObjectId.Kind.WAL)).isEmpty();
        assertThat(extents())
                .singleElement()
                .extracting(Extent::maxTimestampMs)
                .isEqualTo(newestMs);
    }
}
