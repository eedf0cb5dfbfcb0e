package io.millrace.compaction.bucket;

import java.util.List;

/** The number and size of objects in the bucket by status. One owner. */
public final class BucketTotals {

    private final long[] objects = new long[ObjectStatus.values().length];
    private final long[] bytes = new long[ObjectStatus.values().length];

    public void add(List<SurveyedObject> some) {
        for (SurveyedObject object : some) {
            objects[object.status().ordinal()]++;
            bytes[object.status().ordinal()] += object.object().sizeBytes();
        }
    }

    public long objects(ObjectStatus status) {
        return objects[status.ordinal()];
    }

    public long bytes(ObjectStatus status) {
        return bytes[status.ordinal()];
    }
}
