package io.millrace.storage.object;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A page of a bucket's objects.
 *
 * @param objects by name
 * @param truncated whether there are more behind the last one
 */
public record Listing(List<ListedObject> objects, boolean truncated) {

    public Listing {
        objects = List.copyOf(objects);
    }

    /**
     * One object of a listing.
     *
     * @param name its key, which may be anything where somebody else wrote it
     * @param lastModified by the store's clock
     */
    public record ListedObject(String name, long sizeBytes, Instant lastModified) {

        /** Its key; empty if it has none under which this code could have written it. */
        public Optional<ObjectKey> key() {
            return ObjectKey.parse(name);
        }
    }
}
