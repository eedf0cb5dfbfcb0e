package io.millrace.simulation.world;

import io.millrace.metadata.StoredObject;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.simulation.invariant.NodeNumberModel;
import io.millrace.simulation.invariant.ReferenceModel;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole metadata log, without faults: its entries, the production state after them, and models
 * of the references and of the numbers of nodes.
 */
public final class WholeLog {

    private final MetadataState state = new MetadataState(TestLevels.TWO);
    private final List<byte[]> entries = new ArrayList<>();
    private @Nullable Entry last;
    private List<Outcome> outcomes = List.of();
    private final ReferenceModel references = new ReferenceModel();
    private final NodeNumberModel numbers = new NodeNumberModel();

    public void entry(byte[] bytes) {
        entries.add(bytes);
        last = EntryCodec.decode(bytes);
        outcomes =
                state.apply(last) instanceof ApplyResult.Outcomes(List<Outcome> results)
                        ? results
                        : List.of();
        references.apply(entries.size(), last.commands(), outcomes);
        numbers.apply(last.commands(), outcomes);
    }

    public Entry last() {
        if (last == null) {
            throw new IllegalStateException("the log is empty");
        }
        return last;
    }

    /** Returns the outcomes of the last entry; none if the entry had no effect. */
    public List<Outcome> outcomes() {
        return outcomes;
    }

    /** Returns the entry at a position, counted from 1. */
    public byte[] entryAt(long position) {
        return entries.get(Math.toIntExact(position - 1));
    }

    public long newest() {
        return entries.size();
    }

    /** Returns the state after the last entry, which the caller must not change. */
    public MetadataState state() {
        return state;
    }

    /** Returns the references after the last entry, independent of {@link #state}. */
    public ReferenceModel references() {
        return references;
    }

    public static Set<ObjectId> referencedObjects(MetadataState state) {
        Set<ObjectId> named = new HashSet<>();
        for (StoredObject object : state.objects().referencedObjects()) {
            named.add(object.object().id());
        }
        return named;
    }
}
