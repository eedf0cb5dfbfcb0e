package io.millrace.metadata.state.partition;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.Replacement;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Says which rows may put other extents in the place of those that are there: one whose range these
 * tile, all of them in objects of which the row's were made. Below the log start nothing need be
 * there. Each row on its own, and each extent gives way to one row. Changes nothing.
 */
final class ReplacementValidator {

    /** Extents from one up to another that give way to a row. */
    record Splice(int from, int to, Replacement row) {}

    private final PartitionLog log;
    private final ExtentList extents;
    private final boolean allInMemory;
    private final IntPredicate isInput;
    private final List<RowOutcome> outcomes = new ArrayList<>();
    private final List<Splice> splices = new ArrayList<>();

    /**
     * Judges.
     *
     * @param extents those of the log
     * @param allInMemory whether there is nothing in front of them
     * @param rows in the order of their offsets
     * @param isInput whether an object, by its number, is one of which they were made
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
            int from = isInLog(row) ? from(row, free) : -1;
            int to = from < 0 ? -1 : to(row, from);
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

    /** What becomes of each row. */
    List<RowOutcome> outcomes() {
        return outcomes;
    }

    /** What gives way, front to back. */
    List<Splice> splices() {
        return splices;
    }

    private boolean isInLog(Replacement row) {
        return row.endOffset() > log.logStartOffset() && row.endOffset() <= log.highWatermark();
    }

    /** The first extent of a row's range; -1 if none begins where it does. */
    private int from(Replacement row, int free) {
        int from = extents.at(Math.max(row.baseOffset(), log.logStartOffset()));
        if (from < free || from == extents.end()) {
            return -1;
        }
        long begins = extents.baseOffset(from);
        // What lay below the log start may be gone.
        boolean isClipped =
                allInMemory
                        && from == extents.first()
                        && row.baseOffset() < log.logStartOffset()
                        && begins > row.baseOffset();
        return begins == row.baseOffset() || isClipped ? from : -1;
    }

    /** Behind the last extent of a row's range; -1 if none ends where it does. */
    private int to(Replacement row, int from) {
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
