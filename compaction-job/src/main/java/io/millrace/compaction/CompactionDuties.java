package io.millrace.compaction;

import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.protocol.placement.Rendezvous;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which topics this node looks after: those for which it is the first in the rendezvous order of
 * the nodes that compact. Two that both think so do work twice, which is never wrong. Any thread.
 */
public final class CompactionDuties {

    /** No topic has this id. */
    private static final long THE_BUCKET = 0;

    private final Supplier<List<RegisteredNode>> members;

    /**
     * @param members the live nodes of the cluster
     */
    public CompactionDuties(Supplier<List<RegisteredNode>> members) {
        this.members = members;
    }

    /**
     * Whether a node is among those that have duties.
     *
     * @param incarnation the node's
     */
    public boolean has(long incarnation) {
        return members.get().stream()
                .anyMatch(member ->
                        member.incarnation() == incarnation
                                && member.roles().contains(Role.COMPACTION));
    }

    /**
     * Whether a node is to look after a topic.
     *
     * @param incarnation the node's
     */
    public boolean isDutyOf(long incarnation, long topicId) {
        return isFirst(incarnation, topicId);
    }

    /**
     * Whether a node is to look after what belongs to no topic.
     *
     * @param incarnation the node's
     */
    public boolean isDutyOfBucket(long incarnation) {
        return isFirst(incarnation, THE_BUCKET);
    }

    /**
     * Whether a node is to look after the WAL blocks of a writer: the writer itself, which may have
     * them in memory, if it compacts.
     */
    public boolean isDutyOfWriter(long incarnation, long writer) {
        boolean writerCompacts =
                members.get().stream()
                        .anyMatch(member ->
                                member.incarnation() == writer
                                        && member.roles().contains(Role.COMPACTION));
        return writerCompacts ? incarnation == writer : isFirst(incarnation, writer);
    }

    private boolean isFirst(long incarnation, long key) {
        Map<String, Long> compacting = new HashMap<>();
        for (RegisteredNode member : members.get()) {
            if (member.roles().contains(Role.COMPACTION)) {
                compacting.put(member.node(), member.incarnation());
            }
        }
        return Rendezvous.first(compacting.keySet(), key)
                .filter(node -> Long.valueOf(incarnation).equals(compacting.get(node)))
                .isPresent();
    }
}
