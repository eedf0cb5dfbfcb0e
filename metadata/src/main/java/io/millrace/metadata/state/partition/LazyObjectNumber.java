package io.millrace.metadata.state.partition;

import io.millrace.storage.stream.ObjectRef;

/** The number of an object, allocated for the first accepted row. */
final class LazyObjectNumber {

    private static final int NO_OBJECT = -1;

    private final ObjectTable objects;
    private final ObjectRef object;
    private final long storedMs;
    private int value = NO_OBJECT;

    LazyObjectNumber(ObjectTable objects, ObjectRef object, long storedMs) {
        this.objects = objects;
        this.object = object;
        this.storedMs = storedMs;
    }

    int get() {
        if (value == NO_OBJECT) {
            value = objects.add(object, storedMs);
        }
        return value;
    }

    /** Dereferences the object if no row was accepted. */
    void finish() {
        if (value == NO_OBJECT) {
            objects.addUnreferenced(object.id(), object.sizeBytes());
        }
    }
}
