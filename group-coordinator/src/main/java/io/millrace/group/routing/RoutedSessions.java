package io.millrace.group.routing;

import io.millrace.group.Coordinators;
import io.millrace.group.GroupSession;
import io.millrace.group.GroupSessions;
import io.millrace.group.JoinRequest;
import io.millrace.group.SessionListener;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Opens sessions with the coordinator of any group, local or remote. A session continues at the
 * next coordinator, transparently to the member within its session timeout. Owned by the metadata's
 * event loop.
 */
public final class RoutedSessions implements GroupSessions {

    private final Metadata metadata;
    private final GroupSessions local;
    private final RemoteSessions remote;
    private final Coordinators coordinators;
    private final Supplier<String> self;
    private final CoordinatorProbe probe;

    /**
     * @param local the groups that this node coordinates
     */
    public RoutedSessions(
            Metadata metadata,
            GroupSessions local,
            RemoteSessions remote,
            Coordinators coordinators,
            Supplier<String> self) {
        this.metadata = metadata;
        this.local = local;
        this.remote = remote;
        this.coordinators = coordinators;
        this.self = self;
        this.probe = new CoordinatorProbe(metadata.loop());
    }

    @Override
    public GroupSession join(JoinRequest request, SessionListener listener) {
        RoutedSession session =
                new RoutedSession(
                        metadata.loop(), hint -> route(request.group(), hint), request, listener);
        session.open(probe);
        return session;
    }

    /** A route to a coordinator; the address is empty for this node. */
    record Route(String address, GroupSessions sessions) {}

    private Route route(String group, Optional<Problem> hint) {
        Optional<Route> hinted =
                hint.filter(problem -> problem.reason() == Reason.NOT_COORDINATOR)
                        .map(Problem::details)
                        .filter(details -> details.containsKey("host"))
                        .map(this::hinted);
        return hinted.orElseGet(
                // An unknown coordinator may be this node; if not, the local session ends with
                // NOT_COORDINATOR.
                () ->
                        coordinators
                                .of(group)
                                .filter(member -> !isSelf(member))
                                .map(member -> at(member.host(), member.port()))
                                .orElseGet(() -> new Route("", local)));
    }

    private boolean isSelf(RegisteredNode member) {
        return member.node().equals(self.get());
    }

    private Route hinted(Map<String, String> details) {
        return details.getOrDefault("node", "").equals(self.get())
                ? new Route("", local)
                : at(
                        details.getOrDefault("host", ""),
                        Integer.parseInt(details.getOrDefault("port", "0")));
    }

    private Route at(String host, int port) {
        return new Route(host + ":" + port, remote.at(host, port));
    }
}
