package io.millrace.storage.object;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A page of a bucket's objects.
 *
 * @param objects the objects, ordered by name
 * @param truncated whether more objects follow
 */
public record Listing(List<ListedObject> objects, boolean truncated) {

    public Listing {
        objects = List.copyOf(objects);
    }

    /**
     * An object in a listing.
     *
     * @param name the object's name, which may be any string if another program wrote the object
     * @param lastModified the time of the last write, by the store's clock
     */
    public record ListedObject(String name, long sizeBytes, Instant lastModified) {

        /** Returns the name as a key; empty if the name is not a legal key. */
        public Optional<ObjectKey> key() {
            return ObjectKey.parse(name);
        }
    }
}
