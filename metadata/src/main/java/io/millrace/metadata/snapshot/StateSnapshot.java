package io.millrace.metadata.snapshot;

import java.util.List;

/**
 * A consistent copy of the whole state after an entry, which can be encoded while the state itself
 * changes. Immutable: made by the state's owner and, after a safe hand-over, read by any thread.
 *
 * @param parts the tables, in the order in which they are written
 */
public record StateSnapshot(List<Part> parts) {

    public StateSnapshot {
        parts = List.copyOf(parts);
    }

    /** A copy of one table. */
    @FunctionalInterface
    public interface Part {
        void writeTo(SnapshotWriter out);
    }

    public void writeTo(SnapshotWriter out) {
        parts.forEach(part -> part.writeTo(out));
    }
}
