package io.millrace.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fetch.FetchWorld.Written;
import io.millrace.metadata.offset.OffsetLookup.LookupPosition;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.metadata.offset.OffsetResult.Found;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectRef;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ListOffsetsTest {

    private final FetchWorld world = new FetchWorld();
    private final Topic topic = world.topic("orders", 1);

    private ObjectRef write(long... timestamps) {
        return world.write(batches(timestamps));
    }

    private List<Written> batches(long... timestamps) {
        return Arrays.stream(timestamps)
                .mapToObj(t -> new Written(topic, 0, world.batch(3, 30_000, t)))
                .toList();
    }

    @Test
    void theEarliestOffsetIsTheLogStart() {
        write(100, 200);
        world.metadata.trim(topic.id(), 0, 3);

        assertThat(world.offset("orders", 0, new LookupPosition.Earliest()))
                .isEqualTo(new Found(3, -1));
    }

    @Test
    void theLatestOffsetIsTheEndAfterABarrier() {
        write(100);
        world.writeElsewhere(batches(200));

        assertThat(world.offset("orders", 0, new LookupPosition.Latest()))
                .isEqualTo(new Found(6, -1));
    }

    @Test
    void aTimeFindsTheExactRecord() {
        write(100, 200, 300);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(201)))
                .isEqualTo(new Found(4, 201));
        assertThat(world.offset("orders", 0, new LookupPosition.Time(203)))
                .isEqualTo(new Found(6, 300));
        assertThat(world.offset("orders", 0, new LookupPosition.Time(0)))
                .isEqualTo(new Found(0, 100));
    }

    @Test
    void recordsBelowTheLogStartAreNotFound() {
        write(100, 200, 50, 200);
        world.metadata.trim(topic.id(), 0, 6);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(150)))
                .isEqualTo(new Found(9, 200));
    }

    @Test
    void aTimeAfterTheLastRecordReturnsTheEnd() {
        write(100);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(1000)))
                .isEqualTo(new Found(3, -1));
        assertThat(world.metadata.barriers()).isEqualTo(1);
    }

    @Test
    void anUnknownTopicIsReportedAfterABarrier() {
        assertThat(world.offset("nothing", 0, new LookupPosition.Earliest()))
                .isInstanceOfSatisfying(
                        OffsetResult.Failed.class,
                        f -> assertThat(f.problem().reason()).isEqualTo(Reason.UNKNOWN_TOPIC));
        assertThat(world.metadata.barriers()).isEqualTo(1);
    }

    @Test
    void damageIsNamed() {
        ObjectRef object = write(100);
        world.damage(object, 500);

        assertThat(world.offset("orders", 0, new LookupPosition.Time(0)))
                .isInstanceOfSatisfying(
                        OffsetResult.Failed.class,
                        f -> assertThat(f.problem().reason()).isEqualTo(Reason.CORRUPT_DATA));
    }
}
