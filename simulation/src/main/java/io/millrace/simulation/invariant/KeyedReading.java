package io.millrace.simulation.invariant;

import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.KeyedBatches.Batch;
import io.millrace.simulation.workload.KeyedBatches.Found;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The progress of a reader of a whole partition of a compacted topic. */
public final class KeyedReading {

    private final CompactedLogModel log;

    /** The last offset of each key. */
    private final Map<Integer, Long> newest = new HashMap<>();

    private final KeyedBatches content;
    private long start;

    KeyedReading(CompactedLogModel log, KeyedBatches content) {
        this.log = log;
        this.content = content;
    }

    /**
     * Checks the response of a node.
     *
     * @param wanted the requested offset
     * @return the next offset to request
     */
    public long read(int node, long wanted, byte[] answer) {
        long next = wanted;
        List<Batch> batches = content.read(answer);
        for (Batch batch : batches) {
            for (Found found : batch.records()) {
                if (found.offset() >= wanted) {
                    log.served(node, found);
                    passOver(node, next, found.offset());
                    newest.put(content.key(found.number()), found.offset());
                    next = Math.max(next, found.offset() + 1);
                }
            }
            passOver(node, next, batch.endOffset());
            next = Math.max(next, batch.endOffset());
        }
        if (next == log.end()) {
            log.readToTheEnd(node, start, newest);
        }
        return next;
    }

    private void passOver(int node, long from, long to) {
        for (long offset = from; offset < to; offset++) {
            log.passedOver(node, offset);
        }
    }

    /** Continues at the log start after the records below were deleted. */
    public void beginAt(long offset) {
        start = offset;
        newest.values().removeIf(one -> one < offset);
    }
}
