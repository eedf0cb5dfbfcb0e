package io.millrace.group.coordinator;

import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pending takeovers of instance ids that already have a member. A join request may arrive after its
 * sender has died and a newer process of that instance is the member. The candidate is therefore
 * invited, and replaces the member only on acceptance. An invitation refers to the member at that
 * time and is void once a new member holds the instance id. A part of {@link CoordinatedGroup}.
 */
final class InstanceTakeovers {

    /** A join request that waits for the acceptance of an invitation. */
    record Takeover(LocalSession session, TopicMatcher topicMatcher) {

        String instanceId() {
            return session.request().instanceId();
        }
    }

    private final Map<String, Takeover> invited = new LinkedHashMap<>();

    /** Returns the number of invitations that are not accepted yet. */
    int size() {
        return invited.size();
    }

    /**
     * Invites a candidate.
     *
     * @param memberId the id that the candidate will have; unique among members and invitations
     */
    void invite(CoordinatedGroup by, Takeover takeover, String memberId) {
        invited.put(memberId, takeover);
        takeover.session().invited(by, memberId);
    }

    /** Returns whether the invitation is still valid. */
    boolean isInvited(String memberId) {
        return invited.containsKey(memberId);
    }

    /** Ends the invitation that the session accepts. Empty if no longer valid. */
    Optional<Takeover> accept(LocalSession session, String memberId) {
        Takeover takeover = invited.get(memberId);
        if (takeover == null || takeover.session() != session) {
            return Optional.empty();
        }
        invited.remove(memberId);
        return Optional.of(takeover);
    }

    /** Ends an invitation that was not accepted in time. */
    void end(String memberId, Problem why) {
        Takeover takeover = invited.remove(memberId);
        if (takeover != null) {
            takeover.session().end(why);
        }
    }

    /**
     * Ends all invitations for an instance id and returns the candidates in the order of arrival.
     */
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

    /** Discards the invitation of a session that is closed or was cancelled. */
    void cancel(LocalSession session) {
        invited.values().removeIf(takeover -> takeover.session() == session);
    }

    /** Ends all invitations; this node no longer coordinates the group. */
    void endAll(Problem why) {
        List<Takeover> all = List.copyOf(invited.values());
        invited.clear();
        all.forEach(takeover -> takeover.session().end(why));
    }
}
