package io.millrace.metadata.state;

import java.util.List;

/**
 * The whole state after some entry, to be encoded while the state itself goes on. Immutable: made
 * by the state's owner, and after being handed over safely, read by any thread.
 */
public final class StateSnapshot {

    /** A table as it was. */
    interface Part {
        void writeTo(SnapshotWriter out);
    }

    private final int featureLevel;
    private final long entries;
    private final long nextProducerId;
    private final long digest;
    private final List<Part> parts;

    StateSnapshot(
            int featureLevel, long entries, long nextProducerId, long digest, List<Part> parts) {
        this.featureLevel = featureLevel;
        this.entries = entries;
        this.nextProducerId = nextProducerId;
        this.digest = digest;
        this.parts = parts;
    }

    void writeTo(SnapshotWriter out) {
        out.putInt(featureLevel);
        out.putLong(entries);
        out.putLong(nextProducerId);
        out.putLong(digest);
        parts.forEach(part -> part.writeTo(out));
    }
}
