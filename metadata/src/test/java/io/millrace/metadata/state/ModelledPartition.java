package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.metadata.Extent;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ManifestBuilder;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A partition and a naive list as its model. Each change is applied to both, and the state's
 * results are compared with the model.
 */
public final class ModelledPartition {

    /** An extent. */
    public record ModelExtent(long base, long end, int bytes, long timeMs, ObjectId object) {}

    public final StateDriver driver = new StateDriver();
    public final Topic topic = driver.createTopic("t", 1);

    /** The storage time of each object that ever existed. */
    public final Map<ObjectId, Long> storedMs = new HashMap<>();

    private static final List<OffloadedRange> NONE = List.of();

    /** The content of extent manifests, by offloaded range. */
    private final Map<OffloadedRange, byte[]> manifests = new HashMap<>();

    private long offloadedRangesEnd;
    private long manifestCount;
    private List<ModelExtent> modelExtents = new ArrayList<>();
    private long start;
    private long next;

    public PartitionLog log() {
        return driver.partition(topic, 0);
    }

    public List<ModelExtent> modelExtents() {
        return List.copyOf(modelExtents);
    }

    public long start() {
        return start;
    }

    public long next() {
        return next;
    }

    /** Writes a batch as a block and an extent of its own. */
    public void write(int records, int bytes, long timeMs, long blockStoredMs) {
        driver.commit(
                blockStoredMs,
                new BatchItem(topic.id(), 0, records, 0, bytes, timeMs, ProducerStamp.NONE));
        ObjectId object = log().extents(next, 1).getFirst().object().id();
        storedMs.put(object, blockStoredMs);
        modelExtents.add(new ModelExtent(next, next + records, bytes, timeMs, object));
        next += records;
    }

    public void trim(long offset) {
        Outcome outcome =
                driver.apply(
                        new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, offset))));
        boolean counts = offset > start && offset <= next;
        assertThat(counted(outcome)).as("a start at %d", offset).containsExactly(counts);
        if (counts) {
            start = offset;
            modelExtents.removeIf(piece -> piece.end() <= offset);
        }
    }

    /**
     * Offloads cold extents that the state proposes.
     *
     * @param joining the number of last offloaded ranges to join with the first new one
     * @param change a change of the range before it is appended to the log
     * @return whether each row was accepted
     */
    public List<Boolean> offload(
            int keep, int min, int max, int joining, UnaryOperator<RangeToOffload> change) {
        List<OffloadCandidate> cold =
                log().offloadCandidates(keep, min, max, 0, topicId -> MergeState.SETTLED);
        if (cold.isEmpty()) {
            return List.of();
        }
        ObjectId id = new ObjectId(ObjectId.Kind.MANIFEST, 7, manifestCount++);
        ManifestBuilder builder = new ManifestBuilder(id);
        List<RangeToOffload> rows = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        for (OffloadCandidate candidate : cold) {
            OffloadCandidate whole = candidate;
            for (OffloadedRange before : candidate == cold.getFirst() ? lastRows(joining) : NONE) {
                whole = joined(before, whole);
            }
            long offsets = whole.endOffset() - whole.baseOffset();
            long position = builder.add(topic.id(), 0, whole.content(), whole.extents(), offsets);
            contents.add(whole.content());
            rows.add(
                    change.apply(
                            new RangeToOffload(
                                    topic.id(),
                                    0,
                                    whole.baseOffset(),
                                    whole.endOffset(),
                                    position,
                                    whole.extents(),
                                    whole.digest())));
        }
        ObjectRef manifest = builder.seal().ref();
        List<Boolean> counted = counted(driver.apply(new Command.ExtentsOffloaded(manifest, rows)));
        for (int i = 0; i < counted.size(); i++) {
            if (counted.get(i)) {
                offloadedRangesEnd = cold.get(i).endOffset();
                OffloadedRange row =
                        log().offloadedRangeAt(Math.max(start, cold.get(i).baseOffset()))
                                .orElseThrow();
                manifests.put(row, contents.get(i));
            }
        }
        return counted;
    }

    private List<OffloadedRange> lastRows(int max) {
        List<OffloadedRange> rows = new ArrayList<>();
        for (Optional<OffloadedRange> row = log().lastOffloadedRange();
                row.isPresent() && rows.size() < max;
                row = rowBefore(row.get())) {
            rows.add(row.get());
        }
        return rows;
    }

    private Optional<OffloadedRange> rowBefore(OffloadedRange row) {
        return row.baseOffset() <= start
                ? Optional.empty()
                : log().offloadedRangeAt(row.baseOffset() - 1);
    }

    private OffloadCandidate joined(OffloadedRange before, OffloadCandidate next) {
        byte[] first = content(before);
        byte[] all = Arrays.copyOf(first, first.length + next.content().length);
        System.arraycopy(next.content(), 0, all, first.length, next.content().length);
        return new OffloadCandidate(
                before.baseOffset(),
                next.endOffset(),
                before.extents() + next.extents(),
                all,
                before.digest() + next.digest());
    }

    /** Returns the content of an offloaded range. */
    public byte[] content(OffloadedRange row) {
        return Objects.requireNonNull(manifests.get(row)).clone();
    }

    /** Reloads a range; returns whether the row was accepted. */
    public boolean reload(OffloadedRange row, byte[] content) {
        boolean isLast =
                driver.state()
                        .partition(topic.id(), 0)
                        .flatMap(PartitionLog::lastOffloadedRange)
                        .filter(row::equals)
                        .isPresent();
        boolean counts =
                counted(
                                driver.apply(
                                        new Command.ExtentsReloaded(
                                                List.of(
                                                        new ReloadedRange(
                                                                row.topicId(),
                                                                row.partition(),
                                                                row.endOffset(),
                                                                ByteString.copyFrom(content))))))
                        .getFirst();
        if (counts && isLast) {
            offloadedRangesEnd = row.baseOffset();
        }
        return counts;
    }

    /** Returns all extents as a reader finds them, in memory and in extent manifests. */
    public List<Extent> read() {
        List<Extent> all = new ArrayList<>();
        for (long at = start; at < next; at = all.getLast().endOffset()) {
            long from = at;
            Optional<OffloadedRange> row = log().offloadedRangeAt(at);
            List<Extent> some =
                    row.map(found -> log().extents(found, content(found)).orElseThrow())
                            .orElseGet(() -> log().extents(from, 1));
            some.stream().filter(extent -> extent.endOffset() > start).forEach(all::add);
        }
        return all;
    }

    /** Replaces ranges; returns the number of accepted rows. */
    public int replace(
            ObjectRef object, Set<ObjectId> inputs, List<Replacement> rows, String where) {
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
        return ((Outcome.Rows) outcome)
                .rows().stream().map(row -> row instanceof RowOutcome.Accepted).toList();
    }

    private boolean replace(ObjectId id, Set<ObjectId> inputs, Replacement row) {
        List<ModelExtent> covered =
                modelExtents.stream()
                        .filter(piece ->
                                piece.base() < row.endOffset() && piece.end() > row.baseOffset())
                        .toList();
        boolean allInMemory = offloadedRangesEnd <= start;
        boolean counts =
                row.endOffset() > start
                        && (allInMemory || row.baseOffset() >= offloadedRangesEnd)
                        && !covered.isEmpty()
                        && covered.getLast().end() == row.endOffset()
                        && (covered.getFirst().base() == row.baseOffset()
                                || (row.baseOffset() < covered.getFirst().base()
                                        && covered.getFirst() == modelExtents.getFirst()
                                        && row.baseOffset() < start))
                        && covered.stream().allMatch(piece -> inputs.contains(piece.object()));
        if (!counts) {
            return false;
        }
        List<ModelExtent> now = new ArrayList<>();
        for (ModelExtent piece : modelExtents) {
            if (piece == covered.getFirst()) {
                for (NewExtent extent : row.extents()) {
                    if (extent.endOffset() > start) {
                        now.add(
                                new ModelExtent(
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
        modelExtents = now;
        long youngest =
                covered.stream()
                        .mapToLong(piece -> storedMs.get(piece.object()))
                        .max()
                        .orElseThrow();
        storedMs.merge(id, youngest, Math::max);
        return true;
    }

    public long sizeBytes() {
        return modelExtents.stream().mapToLong(ModelExtent::bytes).sum();
    }

    /** Returns the objects with live extents. */
    public Set<ObjectId> live() {
        return modelExtents.stream().map(ModelExtent::object).collect(Collectors.toSet());
    }
}
