package io.millrace.compaction;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.placement.Rendezvous;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A division of compaction work among nodes: a topic belongs to the compacting node that is first
 * in its rendezvous order. Duplicate work during membership changes is harmless. Any thread.
 */
public final class CompactionDuties {

    /** No topic has this id. */
    private static final long BUCKET_KEY = 0;

    private final Supplier<List<RegisteredNode>> nodes;

    public CompactionDuties(Supplier<List<RegisteredNode>> members) {
        this.nodes = members;
    }

    public boolean isCompacting(long incarnation) {
        return nodes.get().stream()
                .anyMatch(member ->
                        member.incarnation() == incarnation
                                && member.roles().contains(Role.COMPACTION));
    }

    public boolean isResponsibleForTopic(long incarnation, long topicId) {
        return isFirst(incarnation, topicId);
    }

    public boolean isResponsibleForBucket(long incarnation) {
        return isFirst(incarnation, BUCKET_KEY);
    }

    /**
     * Returns whether a node merges a writer's WAL blocks. A writer with the compaction role merges
     * its own blocks, which may still be in memory.
     */
    public boolean isResponsibleForWriter(long incarnation, long writer) {
        boolean writerCompacts =
                nodes.get().stream()
                        .anyMatch(member ->
                                member.incarnation() == writer
                                        && member.roles().contains(Role.COMPACTION));
        return writerCompacts ? incarnation == writer : isFirst(incarnation, writer);
    }

    private boolean isFirst(long incarnation, long key) {
        Map<String, Long> compacting = new HashMap<>();
        for (RegisteredNode member : nodes.get()) {
            if (member.roles().contains(Role.COMPACTION)) {
                compacting.put(member.node(), member.incarnation());
            }
        }
        return Rendezvous.first(compacting.keySet(), key)
                .filter(node -> Long.valueOf(incarnation).equals(compacting.get(node)))
                .isPresent();
    }
}
