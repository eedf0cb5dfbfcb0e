package io.millrace.group;

/**
 * Opens sessions of members with their groups, at this node or a remote coordinator. Owned by the
 * metadata's event loop, like all sessions.
 */
public interface GroupSessions {

    /**
     * Opens a session and ends the member's previous session. Errors end the session through the
     * listener, after this method has returned.
     *
     * <p>NOT_COORDINATOR has the coordinator, if known, as {@code node}, {@code host} and {@code
     * port} in its details. The member then keeps its partitions and opens a session there.
     */
    GroupSession join(JoinRequest request, SessionListener listener);
}
