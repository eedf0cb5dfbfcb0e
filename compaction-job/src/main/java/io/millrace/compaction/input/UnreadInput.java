package io.millrace.compaction.input;

import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;

/**
 * An object that is to be merged could not be read, and nobody knows what is the matter with it.
 */
public final class UnreadInput extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ObjectId object;
    private final ObjectStoreException why;

    UnreadInput(ObjectId object, ObjectStoreException why) {
        super(why.getMessage(), why);
        this.object = object;
        this.why = why;
    }

    /** Which. */
    public ObjectId object() {
        return object;
    }

    /** What the bucket said. */
    public ObjectStoreException why() {
        return why;
    }
}
