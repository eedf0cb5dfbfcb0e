package io.millrace.compaction.bucket;

import java.util.List;

/** Number and size of objects in the bucket by status. One owner. */
public final class BucketTotals {

    private final long[] objects = new long[ObjectStatus.values().length];
    private final long[] bytes = new long[ObjectStatus.values().length];

    public void add(List<SurveyedObject> some) {
        for (SurveyedObject one : some) {
            objects[one.standing().ordinal()]++;
            bytes[one.standing().ordinal()] += one.object().sizeBytes();
        }
    }

    public long objects(ObjectStatus standing) {
        return objects[standing.ordinal()];
    }

    public long bytes(ObjectStatus standing) {
        return bytes[standing.ordinal()];
    }
}
