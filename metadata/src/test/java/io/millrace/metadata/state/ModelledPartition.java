package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.CommittedRow;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A partition, and beside it the list that a naive one would be. What is done is done to both, and
 * what the state makes of it is compared.
 */
final class ModelledPartition {

    /** An extent. */
    record Piece(long base, long end, int bytes, long timeMs, ObjectId object) {}

    final StateDriver driver = new StateDriver();
    final Topic topic = driver.createTopic("t", 1);

    /** When each object was stored that there ever was. */
    final Map<ObjectId, Long> storedMs = new HashMap<>();

    private List<Piece> pieces = new ArrayList<>();
    private long start;
    private long next;

    ModelledPartition(int featureLevel) {
        driver.apply(new Command.FeatureLevelRaised(featureLevel));
    }

    PartitionLog log() {
        return driver.partition(topic, 0);
    }

    List<Piece> pieces() {
        return List.copyOf(pieces);
    }

    long start() {
        return start;
    }

    long next() {
        return next;
    }

    /** A batch that is a block, and an extent, of its own. */
    void write(int records, int bytes, long timeMs, long blockStoredMs) {
        driver.commit(
                blockStoredMs,
                new BatchItem(topic.id(), 0, records, 0, bytes, timeMs, ProducerStamp.NONE));
        ObjectId object = log().extents(next, 1).getFirst().object().id();
        storedMs.put(object, blockStoredMs);
        pieces.add(new Piece(next, next + records, bytes, timeMs, object));
        next += records;
    }

    void trim(long offset) {
        Outcome outcome =
                driver.apply(
                        new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, offset))));
        boolean counts = offset > start && offset <= next;
        assertThat(counted(outcome)).as("a start at %d", offset).containsExactly(counts);
        if (counts) {
            start = offset;
            pieces.removeIf(piece -> piece.end() <= offset);
        }
    }

    /** Says how many of the rows count. */
    int replace(ObjectRef object, Set<ObjectId> inputs, List<Replacement> rows, String where) {
        Outcome outcome =
                driver.apply(new Command.ExtentsReplaced(object, List.copyOf(inputs), rows));
        List<Boolean> verdicts = counted(outcome);
        int counting = 0;
        for (int i = 0; i < rows.size(); i++) {
            boolean expected = replace(object.id(), inputs, rows.get(i));
            assertThat(verdicts.get(i)).as("%s, row %s", where, rows.get(i)).isEqualTo(expected);
            counting += expected ? 1 : 0;
        }
        return counting;
    }

    private static List<Boolean> counted(Outcome outcome) {
        return ((Outcome.Offsets) outcome)
                .rows().stream().map(row -> row instanceof CommittedRow.Counts).toList();
    }

    private boolean replace(ObjectId id, Set<ObjectId> inputs, Replacement row) {
        List<Piece> covered =
                pieces.stream()
                        .filter(piece ->
                                piece.base() < row.endOffset() && piece.end() > row.baseOffset())
                        .toList();
        boolean counts =
                row.endOffset() > start
                        && !covered.isEmpty()
                        && covered.getLast().end() == row.endOffset()
                        && (covered.getFirst().base() == row.baseOffset()
                                || (row.baseOffset() < covered.getFirst().base()
                                        && covered.getFirst() == pieces.getFirst()
                                        && row.baseOffset() < start))
                        && covered.stream().allMatch(piece -> inputs.contains(piece.object()));
        if (!counts) {
            return false;
        }
        List<Piece> now = new ArrayList<>();
        for (Piece piece : pieces) {
            if (piece == covered.getFirst()) {
                for (NewExtent extent : row.extents()) {
                    if (extent.endOffset() > start) {
                        now.add(
                                new Piece(
                                        extent.baseOffset(),
                                        extent.endOffset(),
                                        extent.length(),
                                        extent.maxTimestampMs(),
                                        id));
                    }
                }
            }
            if (!covered.contains(piece)) {
                now.add(piece);
            }
        }
        pieces = now;
        long youngest =
                covered.stream()
                        .mapToLong(piece -> storedMs.get(piece.object()))
                        .max()
                        .orElseThrow();
        storedMs.merge(id, youngest, Math::max);
        return true;
    }

    long sizeBytes() {
        return pieces.stream().mapToLong(Piece::bytes).sum();
    }

    /** The objects in which pieces lie. */
    Set<ObjectId> live() {
        return pieces.stream().map(Piece::object).collect(Collectors.toSet());
    }
}
