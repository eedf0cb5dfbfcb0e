package io.millrace.metadata.state.partition;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.Replacement;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Validates replacements of extents, each row by itself. The partition's extents must tile the
 * row's range and be in the inputs of the merge. Below the log start, extents may be missing. At
 * most one row replaces an extent. Does not modify state.
 */
final class ReplacementValidator {

    record Splice(int from, int to, Replacement row) {}

    private final PartitionLog log;
    private final ExtentList extents;
    private final boolean allInMemory;
    private final IntPredicate isInput;
    private final List<RowOutcome> outcomes = new ArrayList<>();
    private final List<Splice> splices = new ArrayList<>();

    /**
     * @param allInMemory whether the log has no offloaded range
     * @param rows the replacements in offset order
     * @param isInput whether an object number is an input of the merge
     */
    ReplacementValidator(
            PartitionLog log,
            ExtentList extents,
            boolean allInMemory,
            List<Replacement> rows,
            IntPredicate isInput) {
        this.log = log;
        this.extents = extents;
        this.allInMemory = allInMemory;
        this.isInput = isInput;
        int free = extents.first();
        for (Replacement row : rows) {
            int from = isInLog(row) ? firstExtentOf(row, free) : -1;
            int to = from < 0 ? -1 : endExtentOf(row, from);
            if (to >= 0) {
                free = to;
                splices.add(new Splice(from, to, row));
                outcomes.add(new RowOutcome.Accepted());
            } else if (isInLog(row)) {
                outcomes.add(new RowOutcome.Superseded());
            } else {
                outcomes.add(new RowOutcome.Rejected(Reason.OFFSET_OUT_OF_RANGE));
            }
        }
    }

    List<RowOutcome> outcomes() {
        return outcomes;
    }

    List<Splice> splices() {
        return splices;
    }

    private boolean isInLog(Replacement row) {
        return row.endOffset() > log.logStartOffset() && row.endOffset() <= log.highWatermark();
    }

    /** Returns the first extent of a row's range; -1 if no extent starts there. */
    private int firstExtentOf(Replacement row, int free) {
        int from = extents.indexOf(Math.max(row.baseOffset(), log.logStartOffset()));
        if (from < free || from == extents.end()) {
            return -1;
        }
        long begins = extents.baseOffset(from);
        // Extents below the log start may have been dropped.
        boolean isClipped =
                allInMemory
                        && from == extents.first()
                        && row.baseOffset() < log.logStartOffset()
                        && begins > row.baseOffset();
        return begins == row.baseOffset() || isClipped ? from : -1;
    }

    /** Returns the index after the last extent of a row's range; -1 if no extent ends there. */
    private int endExtentOf(Replacement row, int from) {
        long logEnd = log.highWatermark();
        int to = from;
        while (to < extents.end()
                && extents.endOffset(to, logEnd) <= row.endOffset()
                && isInput.test(extents.objectNumber(to))) {
            to++;
        }
        return to > from && extents.endOffset(to - 1, logEnd) == row.endOffset() ? to : -1;
    }
}
