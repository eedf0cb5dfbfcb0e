package io.millrace.group.routing;

import io.millrace.group.GroupSessions;

/** Access to groups that other nodes coordinate. Used on the metadata's event loop. */
@FunctionalInterface
public interface RemoteSessions {

    /**
     * Returns the groups that the node at this address coordinates. A session there ends with a
     * retriable error when the connection breaks; pending commits still complete.
     */
    GroupSessions at(String host, int port);
}
