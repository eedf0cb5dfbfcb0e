package io.millrace.storage.object;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Result of {@link ObjectStore#delete}. Keys without a failure are deleted.
 *
 * @param failures the keys that may still exist, each with the reason, in the order of the failures
 */
public record DeleteResult(Map<ObjectKey, ObjectStoreException> failures) {

    private static final DeleteResult COMPLETE = new DeleteResult(Map.of());

    public DeleteResult {
        failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
    }

    /** The result of a deletion without failures. */
    public static DeleteResult complete() {
        return COMPLETE;
    }

    public boolean isComplete() {
        return failures.isEmpty();
    }

    /**
     * Requires that every key is deleted.
     *
     * @throws ObjectStoreException the first failure, if any
     */
    public void throwIfIncomplete() {
        if (!failures.isEmpty()) {
            throw failures.values().iterator().next();
        }
    }
}
