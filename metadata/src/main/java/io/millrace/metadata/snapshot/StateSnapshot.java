package io.millrace.metadata.snapshot;

import java.util.List;

/**
 * A consistent copy of the whole state after an entry. Immutable: made by the state's owner and,
 * after a safe hand-over, read by any thread.
 */
public record StateSnapshot(List<Part> parts) {

    public StateSnapshot {
        parts = List.copyOf(parts);
    }

    /** A copy of a table. */
    @FunctionalInterface
    public interface Part {
        void writeTo(SnapshotWriter out);
    }

    public void writeTo(SnapshotWriter out) {
        parts.forEach(part -> part.writeTo(out));
    }
}
