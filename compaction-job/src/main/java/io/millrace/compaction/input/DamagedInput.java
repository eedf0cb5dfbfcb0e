package io.millrace.compaction.input;

import io.millrace.storage.stream.ObjectId;
import org.jspecify.annotations.Nullable;

/** The failure of a job with a missing or damaged input. */
public final class DamagedInput extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ObjectId object;

    DamagedInput(ObjectId object, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.object = object;
    }

    public ObjectId object() {
        return object;
    }
}
