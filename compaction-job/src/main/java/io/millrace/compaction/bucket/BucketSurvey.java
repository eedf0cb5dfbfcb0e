package io.millrace.compaction.bucket;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.ObjectsView;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Determines the status of listed objects. The state must follow a barrier after the listing, and
 * the log manifest must be read after the listing. Pure.
 */
public record BucketSurvey(String cluster) {

    /**
     * Returns the status of each object, in order. Large batches are cheaper, because each call
     * scans the state.
     */
    public List<SurveyedObject> of(
            List<ListedObject> listed, ObjectsView objects, LogManifest manifest) {
        Set<ObjectId> ids = new HashSet<>();
        listed.forEach(listedObject -> id(listedObject).ifPresent(ids::add));
        Set<ObjectId> named = ids.isEmpty() ? Set.of() : objects.referencedAmong(ids);
        ids.removeAll(named);
        Set<ObjectId> dereferenced = dereferenced(ids, objects);
        Set<String> past = manifest.referencedKeys();
        return listed.stream()
                .map(listedObject ->
                        new SurveyedObject(
                                listedObject,
                                id(listedObject)
                                        .map(id -> status(id, named, dereferenced))
                                        .map(status -> keptForFormerLog(status, manifest))
                                        .orElseGet(() -> status(listedObject, past, manifest))))
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

    /** While a former log can be restored, objects that only that log references are kept. */
    private static ObjectStatus keptForFormerLog(ObjectStatus status, LogManifest manifest) {
        return status == ObjectStatus.UNREFERENCED && manifest.formerCopy().isPresent()
                ? ObjectStatus.IN_GRACE
                : status;
    }

    private ObjectStatus status(ListedObject object, Set<String> named, LogManifest manifest) {
        Optional<ObjectKey> key = object.key();
        Optional<ArchiveKey> past = key.flatMap(objectKey -> ArchiveKey.parse(objectKey, cluster));
        // Sealers delete abandoned copies of the manifest.
        if (ClusterId.ofObject(object.name(), cluster).isPresent()
                || ManifestKey.parse(object.name(), cluster).isPresent()) {
            return ObjectStatus.METADATA;
        }
        if (key.isEmpty() || past.isEmpty()) {
            return ObjectStatus.FOREIGN;
        }
        return named.contains(object.name())
                        || manifest.formerCopy().isPresent()
                        || manifest.mayBeReferencedLater(past.get())
                ? ObjectStatus.METADATA
                : ObjectStatus.OLD_METADATA;
    }

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
