package io.millrace.metadata.state.group;

import io.millrace.metadata.snapshot.SlicedPart;
import io.millrace.metadata.snapshot.SnapshotWriter;
import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/**
 * The groups of a snapshot, copied in slices by the state's owner: a group that changes before its
 * slice is copied first. Immutable once complete.
 */
final class GroupCopy implements SlicedPart {

    private final SortedMap<String, GroupState> live;
    private final long lastClaim;
    private final Runnable onEnd;
    private final List<String> ids;
    private final List<StateSnapshot.Part> groups;
    // Never iterated, so the hash order is irrelevant.
    private final Map<String, StateSnapshot.Part> changed = new HashMap<>();

    /**
     * @param onEnd the callback after which no more changes need to be reported
     */
    GroupCopy(SortedMap<String, GroupState> live, long lastClaim, Runnable onEnd) {
        this.live = live;
        this.lastClaim = lastClaim;
        this.onEnd = onEnd;
        this.ids = List.copyOf(live.keySet());
        this.groups = new ArrayList<>(ids.size());
    }

    /** Copies a group of the snapshot's entry before its first change or deletion. */
    void beforeChange(GroupState group) {
        boolean uncopied = Collections.binarySearch(ids, group.id()) >= groups.size();
        if (uncopied && !changed.containsKey(group.id())) {
            changed.put(group.id(), group.freeze());
        }
    }

    @Override
    public boolean proceed(int max) {
        for (int left = max; left > 0 && groups.size() < ids.size(); left--) {
            String id = ids.get(groups.size());
            StateSnapshot.Part before = changed.remove(id);
            groups.add(before != null ? before : Objects.requireNonNull(live.get(id)).freeze());
        }
        if (groups.size() < ids.size()) {
            return false;
        }
        onEnd.run();
        return true;
    }

    @Override
    public void cancel() {
        onEnd.run();
    }

    @Override
    public void writeTo(SnapshotWriter out) {
        out.putLong(lastClaim);
        out.putInt(groups.size());
        groups.forEach(group -> group.writeTo(out));
    }
}
