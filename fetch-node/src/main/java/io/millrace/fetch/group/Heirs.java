package io.millrace.fetch.group;

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
 * of then; when another one is in that place, it counts no more. A part of {@link LiveGroup}.
 */
final class Heirs {

    /** Who asked to join, and for what. */
    record Heir(LocalSession session, Interest interest) {

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
    void invite(LiveGroup by, Heir heir, String memberId) {
        invited.put(memberId, heir);
        heir.session().invited(by, memberId);
    }

    /** Whether that invitation counts still. */
    boolean isInvited(String memberId) {
        return invited.containsKey(memberId);
    }

    /** Whoever was invited so says that it has heard it. Empty if that counts no more. */
    Optional<Heir> accepted(LocalSession session, String memberId) {
        Heir heir = invited.get(memberId);
        if (heir == null || heir.session() != session) {
            return Optional.empty();
        }
        invited.remove(memberId);
        return Optional.of(heir);
    }

    /** Whoever was invited so does not answer. */
    void end(String memberId, Problem why) {
        Heir heir = invited.remove(memberId);
        if (heir != null) {
            heir.session().end(why);
        }
    }

    /**
     * Who wants to be that instance, in the order in which they came; their invitations are over.
     */
    List<Heir> takeAll(String instanceId) {
        List<Heir> taken = new ArrayList<>();
        invited.values()
                .removeIf(heir -> {
                    boolean its = heir.instanceId().equals(instanceId);
                    if (its) {
                        taken.add(heir);
                    }
                    return its;
                });
        return taken;
    }

    /** Its connection is gone, or it has changed its mind. */
    void forget(LocalSession session) {
        invited.values().removeIf(heir -> heir.session() == session);
    }

    /** Nobody can get in here any more. */
    void endAll(Problem why) {
        List<Heir> all = List.copyOf(invited.values());
        invited.clear();
        all.forEach(heir -> heir.session().end(why));
    }
}
