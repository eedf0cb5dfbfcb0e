package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome.Appended;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.invariant.ReferenceModel.Piece;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReferenceModelTest {

    private static final long TOPIC = 1;
    private static final PartitionId PARTITION = new PartitionId(TOPIC, 0);
    private static final ObjectId SEGMENT = new ObjectId(ObjectId.Kind.SEGMENT, 7, 100);
    private static final ObjectId MANIFEST = new ObjectId(ObjectId.Kind.MANIFEST, 7, 200);
    private static final Outcome ACCEPTED = new Outcome.Rows(List.of(new RowOutcome.Accepted()));
    private static final Outcome SUPERSEDED =
            new Outcome.Rows(List.of(new RowOutcome.Superseded()));

    private final ReferenceModel model = new ReferenceModel();
    private long entries;

    private void apply(Command command, Outcome outcome) {
        model.apply(++entries, List.of(command), List.of(outcome));
    }

    private static ObjectRef ref(ObjectId id) {
        return new ObjectRef(id, 1000, 2000);
    }

    private static ObjectId block(long sequence) {
        return new ObjectId(ObjectId.Kind.WAL, 7, sequence);
    }

    /** Appends a block with ten records. */
    private ObjectId append(long base) {
        ObjectId id = block(base);
        BatchItem item = new BatchItem(TOPIC, 0, 10, 0, 100, 0, ProducerStamp.NONE);
        apply(
                new Command.BlockCommitted(ref(id), 0, List.of(item)),
                new Outcome.Block(List.of(new Appended(base))));
        return id;
    }

    private void trim(long offset) {
        apply(new Command.LogStartAdvanced(TOPIC, List.of(new LogStart(0, offset))), ACCEPTED);
    }

    private void merge(long base, long end, Outcome outcome, ObjectId... inputs) {
        Replacement row = new Replacement(TOPIC, 0, List.of(new NewExtent(base, end, 0, 100, 0)));
        apply(new Command.ExtentsReplaced(ref(SEGMENT), List.of(inputs), List.of(row)), outcome);
    }

    private void offload(long base, long end) {
        RangeToOffload row = new RangeToOffload(TOPIC, 0, base, end, 0, 1, 0);
        apply(new Command.ExtentsOffloaded(ref(MANIFEST), List.of(row)), ACCEPTED);
    }

    private void reload(long end) {
        ReloadedRange row = new ReloadedRange(TOPIC, 0, end, ByteString.EMPTY);
        apply(new Command.ExtentsReloaded(List.of(row)), ACCEPTED);
    }

    @Test
    void aTrimReleasesOnlyObjectsWhollyBelow() {
        ObjectId first = append(0);
        ObjectId second = append(10);
        trim(15);

        assertThat(model.counts().referenced()).containsExactly(second);
        assertThat(model.counts().unreferencedAt(first)).hasValue(3);
        assertThat(model.counts().newlyUnreferenced()).containsExactly(first);
    }

    @Test
    void aMergeReleasesItsInputs() {
        ObjectId first = append(0);
        ObjectId second = append(10);
        merge(0, 20, ACCEPTED, first, second);

        assertThat(model.counts().referenced()).containsExactly(SEGMENT);
        assertThat(model.pieces(PARTITION)).containsExactly(new Piece(0, 20, SEGMENT));
        assertThat(model.counts().referencedSince(2))
                .containsExactlyInAnyOrder(SEGMENT, first, second);
        assertThat(model.counts().referencedSince(3)).containsExactly(SEGMENT);
    }

    @Test
    void aSupersededMergeLeavesItsOutputUnreferenced() {
        ObjectId first = append(0);
        merge(0, 10, SUPERSEDED, first);

        assertThat(model.counts().referenced()).containsExactly(first);
        assertThat(model.counts().unreferencedAt(SEGMENT)).hasValue(2);
    }

    @Test
    void detectsAnAcceptedMergeOfAnObjectThatIsNoInput() {
        ObjectId first = append(0);
        append(10);

        assertThatThrownBy(() -> merge(0, 20, ACCEPTED, first)).hasMessageContaining("input");
    }

    @Test
    void detectsAnAcceptedMergeOfPartOfAnExtent() {
        ObjectId first = append(0);

        assertThatThrownBy(() -> merge(0, 5, ACCEPTED, first)).hasMessageContaining("end at 5");
        assertThatThrownBy(() -> merge(5, 10, ACCEPTED, first)).hasMessageContaining("end at 10");
    }

    @Test
    void detectsABatchWithAnOffsetInUse() {
        append(0);

        assertThatThrownBy(() -> append(5)).hasMessageContaining("is at 5");
    }

    @Test
    void offloadedExtentsKeepTheirReferencesUntilTheReload() {
        ObjectId first = append(0);
        ObjectId second = append(10);
        offload(0, 10);
        trim(10);

        assertThat(model.counts().referenced()).containsExactlyInAnyOrder(first, second, MANIFEST);

        reload(10);

        assertThat(model.counts().referenced()).containsExactly(second);
    }

    @Test
    void aReloadReturnsTheExtentsToTheLog() {
        ObjectId first = append(0);
        append(10);
        offload(0, 10);
        reload(10);

        assertThat(model.pieces(PARTITION)).contains(new Piece(0, 10, first)).hasSize(2);
        assertThat(model.counts().referenced()).doesNotContain(MANIFEST);
    }

    @Test
    void aDeletedTopicReleasesEverythingButOffloadedExtents() {
        ObjectId first = append(0);
        append(10);
        offload(0, 10);
        apply(new Command.TopicDeleted(TOPIC), new Outcome.Completed());

        assertThat(model.counts().referenced()).containsExactlyInAnyOrder(first, MANIFEST);
    }

    @Test
    void anOrphanIsUnreferencedOnceCondemned() {
        ObjectId orphan = block(5);
        apply(
                new Command.ObjectsCondemned(List.of(new CondemnedObject(orphan, 10))),
                new Outcome.Completed());

        assertThat(model.counts().unreferencedAt(orphan)).hasValue(1);
        assertThat(model.counts().isReferencedSince(orphan, 0)).isFalse();
    }
}
