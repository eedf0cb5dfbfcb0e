package io.millrace.simulation.world;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.state.MetadataState;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole metadata log with the resulting state. A copy without faults, which receives each entry
 * when the first node has applied the entry.
 */
public final class WholeLog {

    private final MetadataState state = new MetadataState(TestLevels.TWO);
    private final List<byte[]> entries = new ArrayList<>();
    private @Nullable Entry last;
    private Set<ObjectId> referencedObjects = Set.of();

    /** Appends and applies an entry. */
    public void entry(byte[] bytes) {
        entries.add(bytes);
        last = EntryCodec.decode(bytes);
        state.apply(last);
        referencedObjects = referencedObjects(state);
    }

    public Entry last() {
        if (last == null) {
            throw new IllegalStateException("the log is empty");
        }
        return last;
    }

    /** Returns the entry at a position, counted from 1. */
    public byte[] entryAt(long position) {
        return entries.get(Math.toIntExact(position - 1));
    }

    /** Returns the position of the last entry; 0 if there is none. */
    public long newest() {
        return entries.size();
    }

    /** Returns the state after the last entry, which the caller must not change. */
    public MetadataState state() {
        return state;
    }

    /** Returns the objects that the state after the last entry references. */
    public Set<ObjectId> referencedObjects() {
        return referencedObjects;
    }

    /** Returns the objects that a state references. Readers need every one. */
    public static Set<ObjectId> referencedObjects(MetadataState state) {
        Set<ObjectId> named = new HashSet<>();
        for (StoredObject one : state.objects().referencedObjects()) {
            named.add(one.object().id());
        }
        return named;
    }
}
