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
 * The metadata log from its first entry on, with the state that follows from it: a copy that
 * nothing ever happens to, and that knows each entry as soon as the first node has applied it.
 */
public final class WholeLog {

    private final MetadataState state = new MetadataState(TestLevels.TWO);
    private final List<byte[]> entries = new ArrayList<>();
    private @Nullable Entry last;
    private Set<ObjectId> named = Set.of();

    /** The next entry. */
    public void entry(byte[] bytes) {
        entries.add(bytes);
        last = EntryCodec.decode(bytes);
        state.apply(last);
        named = named(state);
    }

    /** The last entry. */
    public Entry last() {
        if (last == null) {
            throw new IllegalStateException("the log is empty");
        }
        return last;
    }

    /** The entry at a position; the first has 1. */
    public byte[] at(long position) {
        return entries.get(Math.toIntExact(position - 1));
    }

    /** The position of the last entry; 0 if there is none. */
    public long newest() {
        return entries.size();
    }

    /** The state after the last entry, for who does not change it. */
    public MetadataState state() {
        return state;
    }

    /** The objects that the state after the last entry names. */
    public Set<ObjectId> named() {
        return named;
    }

    /** The objects that a state names: readers of what it holds need all of them. */
    public static Set<ObjectId> named(MetadataState state) {
        Set<ObjectId> named = new HashSet<>();
        for (StoredObject one : state.objects().stored()) {
            named.add(one.object().id());
        }
        return named;
    }
}
