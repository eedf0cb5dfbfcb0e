package io.millrace.metadata.state.partition;

import io.millrace.storage.stream.ObjectRef;

/** The number of an object, which it has from the first row on that counts. */
final class LazyObjectNumber {

    private static final int NO_OBJECT = -1;

    private final ObjectTable objects;
    private final ObjectRef object;
    private final long storedMs;
    private int value = NO_OBJECT;

    /**
     * @param storedMs when what is in it was stored, as far as that is known yet
     */
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

    /** No further row comes: an object of which none counts is deleted. */
    void end() {
        if (value == NO_OBJECT) {
            objects.neverNamed(object.id(), object.sizeBytes());
        }
    }
}
