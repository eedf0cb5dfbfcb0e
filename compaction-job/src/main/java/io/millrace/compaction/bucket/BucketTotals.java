package io.millrace.compaction.bucket;

import java.util.List;

/** How much there is of what in the bucket. One owner. */
public final class BucketTotals {

    private final long[] objects = new long[ObjectStatus.values().length];
    private final long[] bytes = new long[ObjectStatus.values().length];

    /** Counts these too. */
    public void add(List<SurveyedObject> some) {
        for (SurveyedObject one : some) {
            objects[one.status().ordinal()]++;
            bytes[one.status().ordinal()] += one.object().sizeBytes();
        }
    }

    /** How many objects are that. */
    public long objects(ObjectStatus status) {
        return objects[status.ordinal()];
    }

    /** Bytes of those. */
    public long bytes(ObjectStatus status) {
        return bytes[status.ordinal()];
    }
}
