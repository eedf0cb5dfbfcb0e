package io.millrace.compaction.bucket;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.log.LogManifest;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says of listed objects what they are to a cluster. What it says is true only if state and
 * manifest are newer than the listing: whatever was named when an object was listed is known to
 * them then. Pure.
 *
 * @param cluster the name that the keys of its objects contain
 */
public record BucketSurvey(String cluster) {

    /**
     * Surveys objects. Costs as much as there are objects in the state, whatever is asked: so ask
     * for many at a time.
     *
     * @param listed a part of a listing
     * @param objects after a barrier that was passed behind the listing
     * @param manifest read behind the listing
     * @return one for each listed object, in their order
     */
    public List<SurveyedObject> of(
            List<ListedObject> listed, ObjectsView objects, LogManifest manifest) {
        Set<ObjectId> ids = new HashSet<>();
        listed.forEach(one -> id(one).ifPresent(ids::add));
        Set<ObjectId> named = ids.isEmpty() ? Set.of() : objects.named(ids);
        ids.removeAll(named);
        Set<ObjectId> dereferenced = dereferenced(ids, objects);
        Set<String> past = manifest.keys();
        return listed.stream()
                .map(one ->
                        new SurveyedObject(
                                one,
                                id(one).map(id -> status(id, named, dereferenced))
                                        .orElseGet(() -> status(one, past, manifest))))
                .toList();
    }

    private Optional<ObjectId> id(ListedObject object) {
        return object.key().flatMap(key -> ObjectId.parse(key, cluster));
    }

    private static ObjectStatus status(
            ObjectId id, Set<ObjectId> named, Set<ObjectId> dereferenced) {
        if (named.contains(id)) {
            return ObjectStatus.REFERENCED;
        }
        return dereferenced.contains(id) ? ObjectStatus.IN_GRACE : ObjectStatus.UNREFERENCED;
    }

    private ObjectStatus status(ListedObject object, Set<String> named, LogManifest manifest) {
        Optional<ObjectKey> key = object.key();
        Optional<ArchiveKey> past = key.flatMap(one -> ArchiveKey.parse(one, cluster));
        if (key.isEmpty() || past.isEmpty()) {
            return ObjectStatus.FOREIGN;
        }
        return named.contains(object.name()) || manifest.mayComeToName(past.get())
                ? ObjectStatus.METADATA
                : ObjectStatus.OLD_METADATA;
    }

    /** Those among these that no extent names any more and that wait for their deletion. */
    private static Set<ObjectId> dereferenced(Set<ObjectId> ids, ObjectsView objects) {
        if (ids.isEmpty()) {
            return Set.of();
        }
        TreeSet<ObjectId> sorted = new TreeSet<>(ObjectId.ORDER);
        sorted.addAll(ids);
        Set<ObjectId> found = new HashSet<>();
        for (DereferencedObjects row : objects.dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE)) {
            found.addAll(sorted.subSet(row.first(), true, row.last(), true));
        }
        return found;
    }
}
