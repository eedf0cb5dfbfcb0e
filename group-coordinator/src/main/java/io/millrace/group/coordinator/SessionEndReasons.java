package io.millrace.group.coordinator;

import io.millrace.group.MemberDetails;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;

/** The errors with which sessions of members end. */
final class SessionEndReasons {

    private SessionEndReasons() {}

    static Problem goesOnElsewhere(String group, MemberState one) {
        return gone("Another session goes on as member %s of group %s.".formatted(one.id, group));
    }

    /** @param takeover the details of the member that now has the instance id */
    static Problem takeover(String group, MemberState before, MemberDetails takeover) {
        return before.details().isSameRun(takeover)
                ? gone(
                        "The client of member %s of group %s goes on as another member."
                                .formatted(before.id, group))
                : replaced(group, before.instanceId);
    }

    static Problem replaced(String group, String instanceId) {
        return new Problem(
                Reason.INSTANCE_REPLACED,
                "Another client has joined group %s as instance \"%s\": give each its own."
                        .formatted(group, instanceId));
    }

    static Problem silent(String group, MemberState one) {
        return gone(
                "Group %s has not heard of member %s for %d ms: join it again."
                        .formatted(group, one.id, one.details().sessionTimeout().toMillis()));
    }

    static Problem notReleased(String group, MemberState one) {
        return gone(
                "Member %s of group %s did not let go of its partitions within %d ms: join it again."
                        .formatted(one.id, group, one.details().releaseTimeout().toMillis()));
    }

    static Problem notAccepted(String group, Duration patience) {
        return gone(
                "It did not answer for %d ms that it wants the place of the member of its instance in group %s: join it again."
                        .formatted(patience.toMillis(), group));
    }

    static Problem removed(String group, MemberState one) {
        return gone(
                "Member %s is no member of group %s any more: join it again."
                        .formatted(one.id, group));
    }

    private static Problem gone(String message) {
        return new Problem(Reason.UNKNOWN_MEMBER, message);
    }
}
