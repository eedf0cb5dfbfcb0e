package io.millrace.compaction.offload;

import io.millrace.storage.stream.ObjectId;

/** A sequence of ids for the extent manifests of a process. One owner. */
final class ManifestIdSequence {

    private long count;

    ObjectId next(long incarnation) {
        return new ObjectId(ObjectId.Kind.MANIFEST, incarnation, count++);
    }
}
