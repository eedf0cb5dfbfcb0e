package io.millrace.group.coordinator;

import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import java.util.Optional;

/**
 * A group that this node coordinates, whose members are of one kind. Events are only recorded;
 * {@link #settle} notifies the members and returns the pending change. Proposes nothing to the log.
 * Owned by the metadata's event loop.
 */
sealed interface ProtocolGroup permits CoordinatedGroup, ClassicCoordinatedGroup {

    String id();

    long claimEpoch();

    /** Returns the generation of the last applied change. */
    int generation();

    int memberCount();

    /** Returns whether members are in the group or about to join. */
    boolean isInUse();

    /** Takes over an applied state. */
    void applied(Group now);

    /**
     * Notifies members of changes and returns the pending change.
     *
     * @param mayChange whether no change is in flight
     */
    Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange);

    /** The last change is no longer in flight. */
    void changeCompleted();

    /** The last change was rejected, and would be again. */
    void rejected(Problem why);

    void topicsChanged();

    /** This node may act as coordinator again. */
    void resumed();

    /** This node coordinates the group no longer. */
    void end(Problem why);
}
