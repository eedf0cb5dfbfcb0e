package io.millrace.storage.object;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The result of {@link ObjectStore#delete}. Keys without a failure are deleted. */
public record DeleteResult(Map<ObjectKey, ObjectStoreException> failures) {

    private static final DeleteResult COMPLETE = new DeleteResult(Map.of());

    public DeleteResult {
        failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
    }

    public static DeleteResult complete() {
        return COMPLETE;
    }

    public boolean isComplete() {
        return failures.isEmpty();
    }

    /** Throws the first failure, if any. */
    public void throwIfIncomplete() {
        if (!failures.isEmpty()) {
            throw failures.values().iterator().next();
        }
    }
}
