package io.millrace.group.coordinator;

import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Those who would be an instance that is a member already. A request to join may get here when the
 * process that sent it is gone, and another one of its name is the member: so each is invited, and
 * takes over only when it says that it has heard that. An invitation is for the place of the member
 * of then; when another one is in that place, it counts no more. A part of {@link
 * CoordinatedGroup}.
 */
final class InstanceTakeovers {

    /** Who asked to join, and for what. */
    record Heir(LocalSession session, TopicMatcher interest) {

        String instanceId() {
            return session.request().instanceId();
        }
    }

    private final Map<String, Heir> invited = new LinkedHashMap<>();

    /** How many are invited and have not answered. */
    int size() {
        return invited.size();
    }

    /**
     * Invites somebody.
     *
     * @param memberId that it will have; of no other member, and no other invitation
     */
    void invite(CoordinatedGroup by, Heir takeover, String memberId) {
        invited.put(memberId, takeover);
        takeover.session().invited(by, memberId);
    }

    /** Whether that invitation counts still. */
    boolean isInvited(String memberId) {
        return invited.containsKey(memberId);
    }

    /** Whoever was invited so says that it has heard it. Empty if that counts no more. */
    Optional<Heir> accepted(LocalSession session, String memberId) {
        Heir takeover = invited.get(memberId);
        if (takeover == null || takeover.session() != session) {
            return Optional.empty();
        }
        invited.remove(memberId);
        return Optional.of(takeover);
    }

    /** Whoever was invited so does not answer. */
    void end(String memberId, Problem why) {
        Heir takeover = invited.remove(memberId);
        if (takeover != null) {
            takeover.session().end(why);
        }
    }

    /**
     * Who wants to be that instance, in the order in which they came; their invitations are over.
     */
    List<Heir> takeAll(String instanceId) {
        List<Heir> taken = new ArrayList<>();
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

    /** Its connection is gone, or it has changed its mind. */
    void forget(LocalSession session) {
        invited.values().removeIf(takeover -> takeover.session() == session);
    }

    /** Nobody can get in here any more. */
    void endAll(Problem why) {
        List<Heir> all = List.copyOf(invited.values());
        invited.clear();
        all.forEach(takeover -> takeover.session().end(why));
    }
}
