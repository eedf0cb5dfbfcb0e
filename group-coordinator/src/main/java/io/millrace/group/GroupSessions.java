package io.millrace.group;

/**
 * Opens sessions of members with their groups, at this node or, over the network, at another node.
 * Owned by the metadata's event loop, like all sessions.
 */
public interface GroupSessions {

    /**
     * Opens a session of a member and ends the member's previous session. Never fails: errors are
     * reported to the listener as the end of the session. An end with NOT_COORDINATOR names the
     * coordinator, if known, as {@code node}, {@code host} and {@code port} in the details. The
     * member then keeps its partitions and should open a session there at once.
     *
     * @param listener the member's listener; not called before this method returns
     */
    GroupSession join(JoinRequest request, SessionListener listener);
}
