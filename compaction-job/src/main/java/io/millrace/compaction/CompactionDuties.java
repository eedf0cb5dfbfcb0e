package io.millrace.compaction;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.placement.Rendezvous;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Division of compaction work among nodes: a topic belongs to the compacting node that is first in
 * its rendezvous order. Duplicate work while nodes disagree about the membership is harmless. Any
 * thread.
 */
public final class CompactionDuties {

    /** Key of bucket-wide work; no topic has this id. */
    private static final long BUCKET_KEY = 0;

    private final Supplier<List<RegisteredNode>> nodes;

    /**
     * @param members supplier of the cluster's live nodes
     */
    public CompactionDuties(Supplier<List<RegisteredNode>> members) {
        this.nodes = members;
    }

    /**
     * Returns whether a node takes part in the division.
     *
     * @param incarnation the node's incarnation
     */
    public boolean isCompacting(long incarnation) {
        return nodes.get().stream()
                .anyMatch(member ->
                        member.incarnation() == incarnation
                                && member.roles().contains(Role.COMPACTION));
    }

    /**
     * Returns whether a node is responsible for a topic.
     *
     * @param incarnation the node's incarnation
     */
    public boolean isResponsibleForTopic(long incarnation, long topicId) {
        return isFirst(incarnation, topicId);
    }

    /**
     * Returns whether a node is responsible for bucket-wide work.
     *
     * @param incarnation the node's incarnation
     */
    public boolean isResponsibleForBucket(long incarnation) {
        return isFirst(incarnation, BUCKET_KEY);
    }

    /**
     * Returns whether a node is responsible for the WAL blocks of a writer. A writer with the
     * compaction role is responsible for its own blocks, since these may still be in memory.
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
