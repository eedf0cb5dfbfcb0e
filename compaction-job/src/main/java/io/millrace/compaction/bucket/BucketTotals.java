package io.millrace.compaction.bucket;

import java.util.List;

/** How much there is of what in the bucket. One owner. */
public final class BucketTotals {

    private final long[] objects = new long[Standing.values().length];
    private final long[] bytes = new long[Standing.values().length];

    /** Counts these too. */
    public void add(List<SurveyedObject> some) {
        for (SurveyedObject one : some) {
            objects[one.standing().ordinal()]++;
            bytes[one.standing().ordinal()] += one.object().sizeBytes();
        }
    }

    /** How many objects are that. */
    public long objects(Standing standing) {
        return objects[standing.ordinal()];
    }

    /** Bytes of those. */
    public long bytes(Standing standing) {
        return bytes[standing.ordinal()];
    }
}
