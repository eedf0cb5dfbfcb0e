package io.millrace.simulation.invariant;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A model of the object references, independent of the production state: the log's commands, with
 * their outcomes, applied to a map from offsets to objects. An accepted command that contradicts
 * the map is an {@link IllegalStateException}.
 */
public final class ReferenceModel {

    /** The offsets from {@code base} to {@code end}, exclusive, in one object. */
    record Piece(long base, long end, ObjectId object) {}

    private record Range(long base, long end, ObjectId manifest, List<Piece> pieces) {}

    private record RangeEnd(PartitionId partition, long end) {}

    private static final class Log {
        private long start;
        private long end;
        private final TreeMap<Long, Piece> pieces = new TreeMap<>();
        private final TreeMap<Long, Range> offloaded = new TreeMap<>();
    }

    private final Map<PartitionId, Log> logs = new HashMap<>();
    private final Map<RangeEnd, Range> unreachable = new HashMap<>();
    private final ReferenceCounts counts = new ReferenceCounts();

    /** Applies one entry with its outcomes; without outcomes, the entry has no effect. */
    public void apply(long position, List<Command> commands, List<Outcome> outcomes) {
        counts.begin(position);
        for (int i = 0; i < outcomes.size(); i++) {
            apply(commands.get(i), outcomes.get(i));
        }
    }

    private void apply(Command command, Outcome outcome) {
        if (command instanceof Command.BlockCommitted block
                && outcome instanceof Outcome.Block(List<ItemOutcome> items)) {
            append(block, items);
        } else if (command instanceof Command.TopicDeleted deleted
                && outcome instanceof Outcome.Completed) {
            delete(deleted.topicId());
        } else if (command instanceof Command.ObjectsCondemned condemned
                && outcome instanceof Outcome.Completed) {
            condemned.objects().stream()
                    .map(CondemnedObject::id)
                    .forEach(counts::markIfUnreferenced);
        } else if (outcome instanceof Outcome.Rows(List<RowOutcome> rows)) {
            for (int i = 0; i < rows.size(); i++) {
                if (rows.get(i) instanceof RowOutcome.Accepted) {
                    accepted(command, i);
                }
            }
            switch (command) {
                case Command.ExtentsReplaced replaced ->
                        counts.markIfUnreferenced(replaced.object().id());
                case Command.ExtentsOffloaded offload ->
                        counts.markIfUnreferenced(offload.object().id());
                default -> {}
            }
        }
    }

    private void accepted(Command command, int row) {
        switch (command) {
            case Command.LogStartAdvanced advanced -> {
                LogStart start = advanced.starts().get(row);
                trim(new PartitionId(advanced.topicId(), start.partition()), start.offset());
            }
            case Command.ExtentsReplaced replaced ->
                    replace(
                            replaced.object().id(),
                            Set.copyOf(replaced.inputs()),
                            replaced.rows().get(row));
            case Command.ExtentsOffloaded offloaded ->
                    offload(offloaded.object().id(), offloaded.rows().get(row));
            case Command.ExtentsReloaded reloaded -> reload(reloaded.rows().get(row));
            default -> {}
        }
    }

    private Log log(PartitionId partition) {
        return logs.computeIfAbsent(partition, none -> new Log());
    }

    private void append(Command.BlockCommitted block, List<ItemOutcome> items) {
        ObjectId object = block.object().id();
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof ItemOutcome.Appended(long base)) {
                BatchItem item = block.items().get(i);
                Log log = log(new PartitionId(item.topicId(), item.partition()));
                require(base == log.end, "batch %d of %s is at %d", i, object, base);
                log.end += item.offsetCount();
                add(log, new Piece(base, log.end, object));
            }
        }
        counts.markIfUnreferenced(object);
    }

    private void delete(long topicId) {
        logs.forEach((partition, log) -> {
            if (partition.topicId() == topicId) {
                trim(partition, log.end);
            }
        });
        logs.keySet().removeIf(partition -> partition.topicId() == topicId);
    }

    private void trim(PartitionId partition, long start) {
        Log log = log(partition);
        log.start = start;
        for (Range range : List.copyOf(log.offloaded.values())) {
            if (range.end <= start) {
                log.offloaded.remove(range.base);
                unreachable.put(new RangeEnd(partition, range.end), range);
            }
        }
        while (!log.pieces.isEmpty() && log.pieces.firstEntry().getValue().end <= start) {
            counts.release(log.pieces.pollFirstEntry().getValue().object);
        }
    }

    private void replace(ObjectId object, Set<ObjectId> inputs, Replacement row) {
        Log log = log(new PartitionId(row.topicId(), row.partition()));
        List<Piece> old =
                List.copyOf(log.pieces.subMap(row.baseOffset(), row.endOffset()).values());
        requireTiled(log, old, row.baseOffset(), row.endOffset());
        old.forEach(piece -> {
            require(inputs.contains(piece.object), "%s replaces %s, not an input", object, piece);
            log.pieces.remove(piece.base);
        });
        for (NewExtent extent : row.extents()) {
            if (extent.endOffset() > log.start) {
                add(log, new Piece(extent.baseOffset(), extent.endOffset(), object));
            }
        }
        old.forEach(piece -> counts.release(piece.object));
    }

    private void offload(ObjectId manifest, RangeToOffload row) {
        Log log = log(new PartitionId(row.topicId(), row.partition()));
        List<Range> replaced = List.copyOf(log.offloaded.tailMap(row.baseOffset()).values());
        List<Piece> content = new ArrayList<>();
        replaced.forEach(range -> content.addAll(range.pieces));
        content.addAll(log.pieces.headMap(row.endOffset()).values());
        requireTiled(log, content, row.baseOffset(), row.endOffset());
        log.pieces.headMap(row.endOffset()).clear();
        require(!log.pieces.isEmpty(), "%s leaves no extent in memory", row);
        log.offloaded.tailMap(row.baseOffset()).clear();
        log.offloaded.put(
                row.baseOffset(), new Range(row.baseOffset(), row.endOffset(), manifest, content));
        counts.add(manifest);
        replaced.forEach(range -> counts.release(range.manifest));
    }

    private void reload(ReloadedRange row) {
        PartitionId partition = new PartitionId(row.topicId(), row.partition());
        Range gone = unreachable.remove(new RangeEnd(partition, row.endOffset()));
        if (gone != null) {
            gone.pieces.forEach(piece -> counts.release(piece.object));
            counts.release(gone.manifest);
            return;
        }
        Log log = log(partition);
        require(!log.offloaded.isEmpty(), "nothing of %s is offloaded", partition);
        Range last = log.offloaded.pollLastEntry().getValue();
        require(last.end == row.endOffset(), "the last range of %s is %s", partition, last);
        for (Piece piece : last.pieces) {
            if (piece.end > log.start) {
                log.pieces.put(piece.base, piece);
            } else {
                counts.release(piece.object);
            }
        }
        counts.release(last.manifest);
    }

    /** Requires the pieces to cover a range; below the log start, pieces may be missing. */
    private static void requireTiled(Log log, List<Piece> pieces, long base, long end) {
        long next = base < log.start && !pieces.isEmpty() ? pieces.getFirst().base : base;
        require(next <= Math.max(base, log.start), "offsets from %d on are missing", base);
        for (Piece piece : pieces) {
            require(piece.base == next, "%s should start at %d", piece, next);
            next = piece.end;
        }
        require(next == end, "%s should end at %d", pieces, end);
    }

    private void add(Log log, Piece piece) {
        log.pieces.put(piece.base, piece);
        counts.add(piece.object);
    }

    static void require(boolean holds, String format, Object... values) {
        if (!holds) {
            throw new IllegalStateException(format.formatted(values));
        }
    }

    public ReferenceCounts counts() {
        return counts;
    }

    /** Returns the partition's extents in memory, without joined or clipped extents. */
    List<Piece> pieces(PartitionId partition) {
        Log log = logs.get(partition);
        return log == null ? List.of() : List.copyOf(log.pieces.values());
    }

    Set<PartitionId> partitions() {
        return logs.keySet();
    }
}
