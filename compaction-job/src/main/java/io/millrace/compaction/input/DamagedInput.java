package io.millrace.compaction.input;

import io.millrace.storage.stream.ObjectId;
import org.jspecify.annotations.Nullable;

/** An input is missing, or its bytes are not the written ones. */
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
