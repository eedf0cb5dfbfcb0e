package io.millrace.group.coordinator;

import io.millrace.group.MemberDetails;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;

/** The errors with which sessions of members end. */
final class SessionEndReasons {

    private SessionEndReasons() {}

    static Problem continuedElsewhere(String group, MemberState member) {
        return unknownMember(
                "Another session continues as member %s of group %s.".formatted(member.id, group));
    }

    static Problem takeover(String group, MemberState before, MemberDetails takeover) {
        return before.details().isSameRun(takeover)
                ? unknownMember(
                        "The client of member %s of group %s continues as another member."
                                .formatted(before.id, group))
                : replaced(group, before.instanceId);
    }

    static Problem replaced(String group, String instanceId) {
        return new Problem(
                Reason.INSTANCE_REPLACED,
                "Another client has joined group %s as instance \"%s\": use a different instance id for each client."
                        .formatted(group, instanceId));
    }

    static Problem sessionExpired(String group, MemberState member) {
        return unknownMember(
                "Group %s has received no heartbeat of member %s for %d ms: join the group again."
                        .formatted(group, member.id, member.details().sessionTimeout().toMillis()));
    }

    static Problem notReleased(String group, MemberState member) {
        return unknownMember(
                "Member %s of group %s did not release its partitions within %d ms: join the group again."
                        .formatted(member.id, group, member.details().releaseTimeout().toMillis()));
    }

    static Problem notAccepted(String group, Duration patience) {
        return unknownMember(
                "The client did not confirm for %d ms that it takes over its instance in group %s: join the group again."
                        .formatted(patience.toMillis(), group));
    }

    static Problem removed(String group, MemberState member) {
        return unknownMember(
                "Member %s was removed from group %s: join the group again."
                        .formatted(member.id, group));
    }

    private static Problem unknownMember(String message) {
        return new Problem(Reason.UNKNOWN_MEMBER, message);
    }
}
