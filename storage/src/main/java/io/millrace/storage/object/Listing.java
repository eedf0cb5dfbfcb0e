package io.millrace.storage.object;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A page of objects, ordered by name.
 *
 * @param truncated true if more objects follow
 */
public record Listing(List<ListedObject> objects, boolean truncated) {

    public Listing {
        objects = List.copyOf(objects);
    }

    /**
     * An object in a listing.
     *
     * @param name any string, because another program may have written the object
     * @param lastModified the time of the last write by the store's clock
     */
    public record ListedObject(String name, long sizeBytes, Instant lastModified) {

        /** Returns empty if the name is not a legal key. */
        public Optional<ObjectKey> key() {
            return ObjectKey.parse(name);
        }
    }
}
