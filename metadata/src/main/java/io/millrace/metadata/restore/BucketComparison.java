package io.millrace.metadata.restore;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A comparison of a restored state with the listed objects of its bucket. About 200 bytes of memory
 * for each referenced object. Pure; one thread.
 */
public final class BucketComparison {

    private final String cluster;
    private final Map<ObjectId, ObjectRef> missing = new HashMap<>();
    private final TreeMap<ObjectId, ObjectId> dereferenced = new TreeMap<>(ObjectId.ORDER);
    private final Set<String> metadata = new HashSet<>();
    private final int referenced;
    private long referencedBytes;
    private long unreferenced;
    private long unreferencedBytes;

    public BucketComparison(String cluster, ObjectsView objects) {
        this.cluster = cluster;
        for (StoredObject stored : objects.referencedObjects()) {
            missing.put(stored.object().id(), stored.object());
            referencedBytes += stored.object().sizeBytes();
        }
        this.referenced = missing.size();
        for (DereferencedObjects row : objects.dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE)) {
            dereferenced.put(row.first(), row.last());
        }
    }

    public void add(List<ListedObject> listed) {
        for (ListedObject object : listed) {
            Optional<ObjectId> id = object.key().flatMap(key -> ObjectId.parse(key, cluster));
            if (id.isPresent()) {
                add(id.get(), object.sizeBytes());
            } else if (object.key().flatMap(key -> ArchiveKey.parse(key, cluster)).isPresent()) {
                metadata.add(object.name());
            }
        }
    }

    private void add(ObjectId id, long sizeBytes) {
        ObjectRef expected = missing.get(id);
        if (expected != null) {
            // An object of another size stays missing.
            if (expected.sizeBytes() == sizeBytes) {
                missing.remove(id);
            }
        } else if (!isDereferenced(id)) {
            unreferenced++;
            unreferencedBytes += sizeBytes;
        }
    }

    private boolean isDereferenced(ObjectId id) {
        Map.Entry<ObjectId, ObjectId> row = dereferenced.floorEntry(id);
        return row != null && ObjectId.ORDER.compare(id, row.getValue()) <= 0;
    }

    /** Returns the referenced objects that were not listed with their size. */
    public Collection<ObjectRef> missing() {
        return List.copyOf(missing.values());
    }

    /** Returns the number of referenced objects. */
    public int referenced() {
        return referenced;
    }

    public long referencedBytes() {
        return referencedBytes;
    }

    /** Returns the number of listed objects that the state does not know. */
    public long unreferenced() {
        return unreferenced;
    }

    public long unreferencedBytes() {
        return unreferencedBytes;
    }

    /** Returns whether an archive or checkpoint was listed. */
    public boolean hasMetadata(String key) {
        return metadata.contains(key);
    }
}
