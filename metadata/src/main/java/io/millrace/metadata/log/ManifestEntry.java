package io.millrace.metadata.log;

import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.storage.object.ObjectKey;

/** An object that a log manifest references. */
public sealed interface ManifestEntry {

    ObjectKey key();

    long sizeBytes();

    /** The entries of one epoch. */
    record Archive(StoredArchive stored) implements ManifestEntry {
        @Override
        public ObjectKey key() {
            return new ObjectKey(stored.getKey());
        }

        @Override
        public long sizeBytes() {
            return stored.getSizeBytes();
        }
    }

    /** The state after an entry. */
    record Checkpoint(StoredCheckpoint stored) implements ManifestEntry {
        @Override
        public ObjectKey key() {
            return new ObjectKey(stored.getKey());
        }

        @Override
        public long sizeBytes() {
            return stored.getSizeBytes();
        }
    }
}
