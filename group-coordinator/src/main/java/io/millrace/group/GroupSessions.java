package io.millrace.group;

/**
 * Where members meet their groups: at this node or, over the network, at another one. Owned by the
 * metadata's loop, as all of its sessions are.
 */
public interface GroupSessions {

    /**
     * Begins a session of a member, and ends the one that this member may have had. Never fails:
     * what is wrong, the listener hears as the session's end. The end with NOT_COORDINATOR names,
     * if it is known, who coordinates the group: {@code node}, {@code host} and {@code port} in its
     * details. The member's partitions stay its own then, and it should go on there at once.
     *
     * @param listener hears nothing before this returns
     */
    GroupSession join(JoinRequest request, SessionListener listener);
}
