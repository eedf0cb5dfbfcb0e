package io.millrace.compaction.offload;

import io.millrace.storage.stream.ObjectId;

/** Names for the manifests of a process, none of them twice. One owner. */
final class ManifestNames {

    private long count;

    ObjectId next(long incarnation) {
        return new ObjectId(ObjectId.Kind.MANIFEST, incarnation, count++);
    }
}
