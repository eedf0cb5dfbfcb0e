package io.millrace.compaction.input;

import io.millrace.storage.stream.ObjectId;
import org.jspecify.annotations.Nullable;

/** An object cannot be merged, as it is missing or its bytes are not those that were written. */
public final class DamagedInput extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ObjectId object;

    DamagedInput(ObjectId object, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.object = object;
    }

    /** Which. */
    public ObjectId object() {
        return object;
    }
}
