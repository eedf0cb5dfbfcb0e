package io.millrace.simulation.invariant;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.log.ArchiveKey;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Counts the deletions that nodes request, by the kind of the object. */
public final class DeletionCount {

    /** A kind of object that some job deletes. */
    public enum Kind {
        BLOCK,
        SEGMENT,
        /** An extent manifest after a reload or trim of the extents. */
        MANIFEST,
        /** An object that the orphan sweep condemned. */
        ORPHAN,
        ARCHIVE,
        CHECKPOINT
    }

    private final Set<ObjectId> condemned = new HashSet<>();
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);

    public void command(Command command) {
        if (command instanceof Command.ObjectsCondemned orphans) {
            orphans.objects().forEach(object -> condemned.add(object.id()));
        }
    }

    public void deleting(Collection<ObjectKey> keys) {
        for (ObjectKey key : keys) {
            kind(key).ifPresent(kind -> counts.merge(kind, 1L, Long::sum));
        }
    }

    private Optional<Kind> kind(ObjectKey key) {
        return ObjectId.parse(key, SimulatedCluster.NAME)
                .map(this::kind)
                .or(() -> ArchiveKey.parse(key, SimulatedCluster.NAME).map(DeletionCount::kind));
    }

    private Kind kind(ObjectId id) {
        if (condemned.contains(id)) {
            return Kind.ORPHAN;
        }
        return switch (id.kind()) {
            case WAL -> Kind.BLOCK;
            case SEGMENT -> Kind.SEGMENT;
            case MANIFEST -> Kind.MANIFEST;
        };
    }

    private static Kind kind(ArchiveKey key) {
        return switch (key.kind()) {
            case ARCHIVE -> Kind.ARCHIVE;
            case CHECKPOINT -> Kind.CHECKPOINT;
        };
    }

    public Map<Kind, Long> counts() {
        return Map.copyOf(counts);
    }
}
