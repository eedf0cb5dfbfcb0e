package io.millrace.group.routing;

import io.millrace.group.GroupSessions;

/** The way to groups that other nodes coordinate. Used on the metadata's loop. */
@FunctionalInterface
public interface RemoteSessions {

    /**
     * The groups that one node coordinates itself. A session there ends with a retriable problem
     * when the connection breaks; its commits go on to their end.
     */
    GroupSessions at(String host, int port);
}
