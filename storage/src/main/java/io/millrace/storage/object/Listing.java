package io.millrace.storage.object;

import java.time.Instant;
import java.util.List;

/**
 * A page of a bucket's objects.
 *
 * @param objects by key
 * @param truncated whether there are more behind the last one
 */
public record Listing(List<ListedObject> objects, boolean truncated) {

    public Listing {
        objects = List.copyOf(objects);
    }

    /** One object of a listing; {@code lastModified} is by the store's clock. */
    public record ListedObject(ObjectKey key, long sizeBytes, Instant lastModified) {}
}
