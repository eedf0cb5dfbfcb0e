package io.millrace.metadata.membership;

import java.util.List;

/**
 * Which nodes live, as far as this one knows: it may be late, so it decides who does things, never
 * what is true. Owned by the loop of the metadata.
 */
public interface Membership {

    /** The live nodes by their ids; this one among them once it has registered. Any thread. */
    List<RegisteredNode> members();

    /**
     * Whether this node is the one that does what one node should do. For moments there may be two
     * such nodes, or none.
     */
    boolean leads();

    /** A process that shares its metadata with nobody. */
    Membership ALONE =
            new Membership() {
                @Override
                public List<RegisteredNode> members() {
                    return List.of();
                }

                @Override
                public boolean leads() {
                    return true;
                }
            };
}
