package io.millrace.group.routing;

import io.millrace.group.GroupSessions;

/** Access to groups that other nodes coordinate. Used on the metadata's event loop. */
@FunctionalInterface
public interface RemoteSessions {

    /**
     * Returns the groups that the node at this address coordinates. If the connection breaks, a
     * session ends with a retriable error; pending commits still complete.
     */
    GroupSessions at(String host, int port);
}
