package io.millrace.compaction.merge;

import io.millrace.metadata.command.CleanedTo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a pass over a compacted topic came in each partition: as far as ranges are done without
 * one between them that is not. In such a one there may be what the records behind it replace or
 * delete, so that they are gone through again. One owner.
 */
final class KeyPassReach {

    private final KeyPass pass;
    private final Map<Integer, Long> offsets = new HashMap<>();

    KeyPassReach(KeyPass pass) {
        this.pass = pass;
        for (KeyPass.Part part : pass.parts()) {
            offsets.put(part.partition(), part.extents().getFirst().baseOffset());
        }
    }

    /** A range is done, behind those of its partition that were before. */
    void done(MergeRange range) {
        offsets.replace(range.partition(), range.baseOffset(), range.endOffset());
    }

    /**
     * What of it is new to the log.
     *
     * @param upTo for each partition, below which offset all keys were known
     */
    List<CleanedTo> rows(Map<Integer, Long> upTo) {
        List<CleanedTo> rows = new ArrayList<>();
        for (KeyPass.Part part : pass.parts()) {
            int partition = part.partition();
            long known = upTo.getOrDefault(partition, 0L);
            long to = Math.min(known, offsets.getOrDefault(partition, 0L));
            if (to > part.cleanedTo()) {
                rows.add(new CleanedTo(partition, to));
            }
        }
        return rows;
    }
}
