package io.millrace.simulation.invariant;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.invariant.ReferenceModel.Piece;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares the production state with the {@link ReferenceModel}: the referenced objects, and which
 * object holds which offsets.
 */
public final class ReferenceCheck {

    /** The comparison takes time proportional to the state. */
    private static final int ENTRIES_PER_COMPARISON = 32;

    private final WholeLog log;
    private final Violations violations;

    public ReferenceCheck(WholeLog log, Violations violations) {
        this.log = log;
        this.violations = violations;
    }

    public void entry() {
        MetadataState state = log.state();
        violations.check(
                state.sizes().objects() == counts().referenced().size(),
                "after entry %d, the state references %d objects, but the log %d",
                log.newest(),
                state.sizes().objects(),
                counts().referenced().size());
        if (log.newest() % ENTRIES_PER_COMPARISON == 0) {
            compare();
        }
    }

    public ReferenceCounts counts() {
        return log.references().counts();
    }

    /** Compares everything. */
    public void compare() {
        Set<?> expected = counts().referenced();
        Set<?> found = WholeLog.referencedObjects(log.state());
        violations.check(
                found.equals(expected),
                "after entry %d, the state lacks references to %s, and has references to %s",
                log.newest(),
                difference(expected, found),
                difference(found, expected));
        log.references().partitions().forEach(this::compare);
    }

    private static Set<?> difference(Set<?> all, Set<?> without) {
        Set<Object> left = new HashSet<>(all);
        left.removeAll(without);
        return left;
    }

    private void compare(PartitionId id) {
        PartitionLog partition = log.state().partition(id.topicId(), id.partition()).orElse(null);
        if (partition == null) {
            violations.add("the state has no partition %s".formatted(id));
            return;
        }
        long start =
                Math.max(
                        partition.logStartOffset(),
                        partition.lastOffloadedRange().map(OffloadedRange::endOffset).orElse(0L));
        List<Piece> found = new ArrayList<>();
        for (Extent extent : partition.extents(start, Long.MAX_VALUE)) {
            add(
                    found,
                    start,
                    new Piece(extent.baseOffset(), extent.endOffset(), extent.object().id()));
        }
        List<Piece> expected = new ArrayList<>();
        log.references().pieces(id).forEach(piece -> add(expected, start, piece));
        violations.check(
                found.equals(expected),
                "after entry %d, %s has the extents %s, but the log says %s",
                log.newest(),
                id,
                found,
                expected);
    }

    /** Adds a piece without the offsets below the start, joined with the piece before. */
    private static void add(List<Piece> pieces, long start, Piece next) {
        long base = Math.max(start, next.base());
        Piece last = pieces.isEmpty() ? null : pieces.getLast();
        if (last != null && last.end() == base && last.object().equals(next.object())) {
            pieces.set(pieces.size() - 1, new Piece(last.base(), next.end(), last.object()));
        } else if (base < next.end()) {
            pieces.add(new Piece(base, next.end(), next.object()));
        }
    }
}
