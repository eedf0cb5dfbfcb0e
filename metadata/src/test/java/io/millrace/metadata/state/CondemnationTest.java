package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tests of condemned objects: unreferenced ones, and ones that are referenced too late. */
class CondemnationTest {

    private static final long WRITER = 40;

    private final StateDriver driver = new StateDriver();
    private final Topic topic = driver.createTopic("orders", 2);

    private static ObjectId id(ObjectId.Kind kind, long sequence) {
        return new ObjectId(kind, WRITER, sequence);
    }

    private static ObjectRef ref(ObjectId id) {
        return new ObjectRef(id, 1_000, 1_100);
    }

    private Outcome block(long sequence, int partition) {
        return driver.apply(
                new Command.BlockCommitted(
                        ref(id(ObjectId.Kind.WAL, sequence)),
                        5,
                        List.of(
                                new BatchItem(
                                        topic.id(),
                                        partition,
                                        10,
                                        16,
                                        100,
                                        5,
                                        ProducerStamp.NONE))));
    }

    private Outcome merge(long sequence, ObjectId input, long base, long end) {
        return driver.apply(
                new Command.ExtentsReplaced(
                        ref(id(ObjectId.Kind.SEGMENT, sequence)),
                        List.of(input),
                        List.of(
                                new Replacement(
                                        topic.id(),
                                        0,
                                        List.of(new NewExtent(base, end, 16, 100, 5))))));
    }

    private void condemn(ObjectId... ids) {
        driver.apply(
                new Command.ObjectsCondemned(
                        List.of(ids).stream().map(id -> new CondemnedObject(id, 1_100)).toList()));
    }

    private List<ObjectId> toBeDeleted() {
        return driver.state().objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE).stream()
                .flatMap(DereferencedObjects::ids)
                .toList();
    }

    @Test
    void aReferencedObjectIsNotCondemned() {
        block(0, 0);
        condemn(id(ObjectId.Kind.WAL, 0), id(ObjectId.Kind.WAL, 1));

        assertThat(toBeDeleted()).containsExactly(id(ObjectId.Kind.WAL, 1));
        assertThat(merge(0, id(ObjectId.Kind.WAL, 0), 0, 10))
                .isEqualTo(new Outcome.Rows(List.of(new RowOutcome.Accepted())));
    }

    @Test
    void aCondemnedBlockIsRejectedAlsoAfterARestart() {
        condemn(id(ObjectId.Kind.WAL, 3));
        driver.restart();

        assertThat(block(3, 0))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(new ItemOutcome.Rejected(Reason.STORAGE_UNAVAILABLE))));
        assertThat(driver.partition(topic, 0).highWatermark()).isZero();
        assertThat(block(4, 0)).isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(0))));
    }

    @Test
    void aBlockOlderThanACondemnedOneIsRejectedAsWell() {
        condemn(id(ObjectId.Kind.WAL, 3), id(ObjectId.Kind.WAL, 1));

        assertThat(block(2, 0))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(new ItemOutcome.Rejected(Reason.STORAGE_UNAVAILABLE))));
        assertThat(block(4, 0)).isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(0))));
        assertThat(merge(0, id(ObjectId.Kind.WAL, 4), 0, 10))
                .as("segments have numbers of their own")
                .isEqualTo(new Outcome.Rows(List.of(new RowOutcome.Accepted())));
    }

    @Test
    void theTableSizeIsIndependentOfTheNumberOfCondemnedObjects() {
        condemn(id(ObjectId.Kind.WAL, 0));
        driver.apply(new Command.ObjectsForgotten(driver.state().entries()));
        int before = checkpointBytes();
        for (int i = 1; i < 1_000; i++) {
            condemn(id(ObjectId.Kind.WAL, 3 * i));
        }
        driver.apply(new Command.ObjectsForgotten(driver.state().entries()));

        assertThat(checkpointBytes()).isEqualTo(before);
    }

    private int checkpointBytes() {
        AtomicInteger bytes = new AtomicInteger();
        SnapshotWriter out = new SnapshotWriter(piece -> bytes.addAndGet(piece.remaining()));
        driver.state().snapshot().writeTo(out);
        out.finish();
        return bytes.get();
    }

    @Test
    void aClosedWriterIsNotRemembered() {
        condemn(id(ObjectId.Kind.WAL, 0), id(ObjectId.Kind.SEGMENT, 0));
        assertThat(driver.state().condemnedWriters()).containsExactly(WRITER);

        driver.apply(new Command.IncarnationClosed(WRITER));
        assertThat(driver.state().condemnedWriters()).isEmpty();
        condemn(id(ObjectId.Kind.WAL, 1));
        assertThat(driver.state().condemnedWriters()).isEmpty();
    }

    @Test
    void aCondemnedSegmentIsRejected() {
        block(0, 0);
        condemn(id(ObjectId.Kind.SEGMENT, 0));

        assertThat(merge(0, id(ObjectId.Kind.WAL, 0), 0, 10))
                .isInstanceOf(Outcome.CommandRejected.class);
        assertThat(driver.partition(topic, 0).extents(0, 1).getFirst().object().id())
                .isEqualTo(id(ObjectId.Kind.WAL, 0));
    }

    @Test
    void objectsOfAClosedWriterAreRejected() {
        driver.apply(new Command.IncarnationClosed(WRITER));

        assertThat(block(0, 0))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(new ItemOutcome.Rejected(Reason.STORAGE_UNAVAILABLE))));
    }

    @Test
    void aBlockWithoutAcceptedBatchesIsDeleted() {
        block(0, 0);
        block(1, 7);

        assertThat(toBeDeleted()).containsExactly(id(ObjectId.Kind.WAL, 1));
    }

    @Test
    void aSegmentWithoutAcceptedRowsIsDeleted() {
        block(0, 0);

        assertThat(merge(0, id(ObjectId.Kind.WAL, 9), 0, 10))
                .isEqualTo(new Outcome.Rows(List.of(new RowOutcome.Superseded())));
        assertThat(toBeDeleted()).containsExactly(id(ObjectId.Kind.SEGMENT, 0));
    }

    @Test
    void extentsOutsideOfTheirObjectAreRefused() {
        block(0, 0);
        Outcome outcome =
                driver.apply(
                        new Command.ExtentsReplaced(
                                ref(id(ObjectId.Kind.SEGMENT, 0)),
                                List.of(id(ObjectId.Kind.WAL, 0)),
                                List.of(
                                        new Replacement(
                                                topic.id(),
                                                0,
                                                List.of(new NewExtent(0, 10, 950, 100, 5))))));

        assertThat(outcome).isInstanceOf(Outcome.CommandRejected.class);
    }
}
