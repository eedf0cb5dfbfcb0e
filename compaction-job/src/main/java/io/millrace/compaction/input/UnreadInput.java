package io.millrace.compaction.input;

import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;

/** The failure to read an input for a reason that may affect the whole bucket. */
public final class UnreadInput extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ObjectId object;
    private final ObjectStoreException failure;

    UnreadInput(ObjectId object, ObjectStoreException why) {
        super(why.getMessage(), why);
        this.object = object;
        this.failure = why;
    }

    public ObjectId object() {
        return object;
    }

    public ObjectStoreException failure() {
        return failure;
    }
}
