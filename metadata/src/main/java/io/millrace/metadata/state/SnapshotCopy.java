package io.millrace.metadata.state;

import io.millrace.metadata.snapshot.SlicedPart;
import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot that is copied in slices, between which later entries may be applied. The content is
 * the state after the entry at which the snapshot began. Owned as the state.
 */
public final class SnapshotCopy {

    private final StateSnapshot snapshot;
    private final ArrayDeque<SlicedPart> incomplete = new ArrayDeque<>();

    SnapshotCopy(List<StateSnapshot.Part> parts) {
        snapshot = new StateSnapshot(parts);
        for (StateSnapshot.Part part : parts) {
            if (part instanceof SlicedPart sliced) {
                incomplete.add(sliced);
            }
        }
    }

    /** Copies further rows, at most this many; returns the snapshot once complete. */
    public Optional<StateSnapshot> proceed(int rows) {
        SlicedPart next = incomplete.peek();
        while (next != null && next.proceed(rows)) {
            incomplete.remove();
            next = incomplete.peek();
        }
        return next == null ? Optional.of(snapshot) : Optional.empty();
    }

    /** Stops copying. The snapshot cannot be completed. */
    public void cancel() {
        incomplete.forEach(SlicedPart::cancel);
        incomplete.clear();
    }
}
