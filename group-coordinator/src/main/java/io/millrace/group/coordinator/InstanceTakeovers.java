package io.millrace.group.coordinator;

import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pending takeovers of instance ids that already have a member. A join request may be older than
 * the current member, because its sender may have died. The candidate therefore replaces the member
 * only after accepting an invitation. An invitation is void once a new member holds the id. A part
 * of {@link CoordinatedGroup}.
 */
final class InstanceTakeovers {

    record Takeover(LocalSession session, TopicMatcher topicMatcher) {

        String instanceId() {
            return session.request().instanceId();
        }
    }

    private final Map<String, Takeover> invited = new LinkedHashMap<>();

    int size() {
        return invited.size();
    }

    /**
     * @param memberId unique among members and invitations
     */
    void invite(CoordinatedGroup by, Takeover takeover, String memberId) {
        invited.put(memberId, takeover);
        takeover.session().invited(by, memberId);
    }

    boolean isInvited(String memberId) {
        return invited.containsKey(memberId);
    }

    /** Returns empty if the invitation is no longer valid. */
    Optional<Takeover> accept(LocalSession session, String memberId) {
        Takeover takeover = invited.get(memberId);
        if (takeover == null || takeover.session() != session) {
            return Optional.empty();
        }
        invited.remove(memberId);
        return Optional.of(takeover);
    }

    void end(String memberId, Problem why) {
        Takeover takeover = invited.remove(memberId);
        if (takeover != null) {
            takeover.session().end(why);
        }
    }

    /** Returns the candidates in the order of arrival. */
    List<Takeover> takeAll(String instanceId) {
        List<Takeover> taken = new ArrayList<>();
        invited.values()
                .removeIf(takeover -> {
                    boolean its = takeover.instanceId().equals(instanceId);
                    if (its) {
                        taken.add(takeover);
                    }
                    return its;
                });
        return taken;
    }

    void cancel(LocalSession session) {
        invited.values().removeIf(takeover -> takeover.session() == session);
    }

    void endAll(Problem why) {
        List<Takeover> all = List.copyOf(invited.values());
        invited.clear();
        all.forEach(takeover -> takeover.session().end(why));
    }
}
