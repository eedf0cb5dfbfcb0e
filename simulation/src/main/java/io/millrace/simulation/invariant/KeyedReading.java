package io.millrace.simulation.invariant;

import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.KeyedBatches.ParsedBatch;
import io.millrace.simulation.workload.KeyedBatches.ParsedRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The progress of a reader of a whole partition of a compacted topic. */
public final class KeyedReading {

    private final CompactedLogModel log;

    private final Map<Integer, Long> newest = new HashMap<>();

    private final KeyedBatches content;
    private long start;

    KeyedReading(CompactedLogModel log, KeyedBatches content) {
        this.log = log;
        this.content = content;
    }

    /** Checks a response and returns the next offset to request. */
    public long read(int node, long wanted, byte[] answer) {
        long next = wanted;
        List<ParsedBatch> batches = content.read(answer);
        for (ParsedBatch batch : batches) {
            for (ParsedRecord found : batch.records()) {
                if (found.offset() >= wanted) {
                    log.checkRead(node, found);
                    checkAbsent(node, next, found.offset());
                    newest.put(content.key(found.number()), found.offset());
                    next = Math.max(next, found.offset() + 1);
                }
            }
            checkAbsent(node, next, batch.endOffset());
            next = Math.max(next, batch.endOffset());
        }
        if (next == log.end()) {
            log.checkComplete(node, start, newest);
        }
        return next;
    }

    private void checkAbsent(int node, long from, long to) {
        for (long offset = from; offset < to; offset++) {
            log.checkAbsent(node, offset);
        }
    }

    /** Continues at the log start after the records below were deleted. */
    public void continueAt(long offset) {
        start = offset;
        newest.values().removeIf(newestOffset -> newestOffset < offset);
    }
}
