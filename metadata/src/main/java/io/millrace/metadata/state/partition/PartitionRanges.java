package io.millrace.metadata.state.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** Groups the rows of a command by partition. */
final class PartitionRanges {

    private PartitionRanges() {}

    /** Splits a command's rows, in which rows of one partition are adjacent, into views. */
    static <R> List<List<R>> split(
            List<R> rows, ToLongFunction<R> topicId, ToIntFunction<R> partition) {
        List<List<R>> parts = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= rows.size(); i++) {
            if (i == rows.size()
                    || topicId.applyAsLong(rows.get(i)) != topicId.applyAsLong(rows.get(from))
                    || partition.applyAsInt(rows.get(i)) != partition.applyAsInt(rows.get(from))) {
                parts.add(rows.subList(from, i));
                from = i;
            }
        }
        return parts;
    }
}
