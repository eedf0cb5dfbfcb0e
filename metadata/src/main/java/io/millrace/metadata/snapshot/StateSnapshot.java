package io.millrace.metadata.snapshot;

import java.util.List;

/**
 * The whole state after some entry, to be encoded while the state itself goes on. Immutable: made
 * by the state's owner, and after being handed over safely, read by any thread.
 *
 * @param parts in the order in which they are written
 */
public record StateSnapshot(List<Part> parts) {

    public StateSnapshot {
        parts = List.copyOf(parts);
    }

    /** A table as it was. */
    @FunctionalInterface
    public interface Part {
        void writeTo(SnapshotWriter out);
    }

    /** Writes all parts. */
    public void writeTo(SnapshotWriter out) {
        parts.forEach(part -> part.writeTo(out));
    }
}
