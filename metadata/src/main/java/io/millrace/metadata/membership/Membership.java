package io.millrace.metadata.membership;

import java.util.List;

/**
 * The live nodes, as far as this node knows. The view may be out of date, so it may only choose
 * which node performs a task; correctness must not depend on it. Owned by the metadata's event
 * loop.
 */
public interface Membership {

    /**
     * Returns the live nodes ordered by id, including this node once it has registered. Any thread.
     */
    List<RegisteredNode> nodes();

    /**
     * Returns whether this node is the leader, which performs tasks that need a single node. For
     * short periods there may be two leaders or none.
     */
    boolean isLeader();

    /** Membership of a process without a cluster. */
    Membership SINGLE_NODE =
            new Membership() {
                @Override
                public List<RegisteredNode> nodes() {
                    return List.of();
                }

                @Override
                public boolean isLeader() {
                    return true;
                }
            };
}
