package io.millrace.metadata.membership;

import java.util.List;

/**
 * The live nodes in this node's view. The view may be stale, so correctness must not depend on it.
 * Owned by the metadata's event loop.
 */
public interface Membership {

    /** Returns the live nodes by id, including this node once registered. Any thread. */
    List<RegisteredNode> nodes();

    /** Returns whether this node leads. For short periods two nodes or none may lead. */
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
