package io.millrace.group.coordinator;

import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.group.TopicSubscription;
import io.millrace.group.assignor.AssignmentStrategy;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Validates join requests. Pure. */
final class JoinValidator {

    private JoinValidator() {}

    /** Checks a request independently of the group. */
    static Optional<Problem> rejection(JoinRequest request) {
        if (!GroupLimits.isLegalId(request.group())
                || !(request.memberId().isEmpty() || GroupLimits.isLegalId(request.memberId()))
                || !(request.instanceId().isEmpty()
                        || GroupLimits.isLegalId(request.instanceId()))) {
            return rejected(
                    Reason.INVALID_GROUP,
                    "The ids of a group, its members and instances are 1 to %d bytes of UTF-8."
                            .formatted(GroupLimits.MAX_ID_BYTES));
        }
        if (request.memberIdChosen() && request.memberId().isEmpty()) {
            return rejected(
                    Reason.MALFORMED_REQUEST,
                    "The member chooses its id but names none: set a member id.");
        }
        if (!request.details().hasLegalTimeouts()) {
            return rejected(
                    Reason.MALFORMED_REQUEST,
                    "A session timeout is %d to %d ms, a release timeout 0 to %d ms."
                            .formatted(
                                    MemberDetails.MIN_SESSION_TIMEOUT.toMillis(),
                                    MemberDetails.MAX_TIMEOUT.toMillis(),
                                    MemberDetails.MAX_TIMEOUT.toMillis()));
        }
        String run = request.details().run();
        if (!run.isEmpty() && !GroupLimits.isLegalId(run)) {
            return rejected(
                    Reason.MALFORMED_REQUEST,
                    "The id of a client's run can have at most %d bytes of UTF-8."
                            .formatted(GroupLimits.MAX_ID_BYTES));
        }
        if (request.details().encode().size() > GroupLimits.MAX_DETAILS_BYTES) {
            return rejected(
                    Reason.TOO_LARGE,
                    "The details of a member can have at most %d bytes: subscribe to fewer topics by name."
                            .formatted(GroupLimits.MAX_DETAILS_BYTES));
        }
        TopicSubscription wanted = request.details().subscription();
        // A Kafka client may subscribe by a pattern of its own that matches no topic yet.
        boolean maySubscribeToNothing = !request.memberId().isEmpty();
        return !maySubscribeToNothing && wanted.topics().isEmpty() && wanted.pattern().isEmpty()
                ? rejected(
                        Reason.MALFORMED_REQUEST,
                        "The subscription is empty: name topics, or a pattern of topic names.")
                : Optional.empty();
    }

    static Optional<Problem> protocolMismatch(String group, String protocol) {
        return protocol.equals(CoordinatedGroup.PROTOCOL)
                ? Optional.empty()
                : rejected(
                        Reason.INVALID_GROUP,
                        "The members of group %s use the protocol \"%s\", not \"%s\": stop them first, or use another group."
                                .formatted(group, protocol, CoordinatedGroup.PROTOCOL));
    }

    /**
     * @param invited the number of pending takeovers
     */
    static Optional<Problem> rejection(
            String group,
            SortedMap<String, MemberState> participants,
            int invited,
            JoinRequest request) {
        MemberState known = participants.get(request.memberId());
        boolean isNew = request.memberId().isEmpty() || (request.memberIdChosen() && known == null);
        if (!isNew && (known == null || !known.isActive())) {
            MemberState takeover = memberOfInstance(participants, request.instanceId());
            if (takeover != null
                    && takeover != known
                    && !takeover.details().isSameRun(request.details())) {
                return Optional.of(SessionEndReasons.replaced(group, request.instanceId()));
            }
            return rejected(
                    Reason.UNKNOWN_MEMBER,
                    "Group %s has no member %s, or its session has expired: join the group again."
                            .formatted(group, request.memberId()));
        }
        if (known != null && !known.instanceId.equals(request.instanceId())) {
            return rejected(
                    Reason.INVALID_GROUP,
                    "Member %s of group %s is instance \"%s\", not \"%s\"."
                            .formatted(known.id, group, known.instanceId, request.instanceId()));
        }
        MemberState before = isNew ? memberOfInstance(participants, request.instanceId()) : known;
        if (isNew && request.memberIdChosen() && before != null && before.hasSession()) {
            return rejected(
                    Reason.INVALID_GROUP,
                    "Instance \"%s\" of group %s is already member %s: stop that member, or wait until its session expires."
                            .formatted(request.instanceId(), group, before.id));
        }
        int there = before == null ? participants.size() : invited;
        if (isNew && there >= GroupLimits.MAX_MEMBERS_PER_GROUP) {
            return rejected(
                    Reason.GROUP_LIMIT_REACHED,
                    "Group %s already has %d members or pending takeovers: use several groups."
                            .formatted(group, there));
        }
        AssignmentStrategy assignor = request.details().assignor();
        for (MemberState other : participants.values()) {
            if (other != before && other.isActive() && other.details().assignor() != assignor) {
                return rejected(
                        Reason.INVALID_GROUP,
                        "The members of group %s use the assignor %s: use the same one, or stop them before using %s."
                                .formatted(group, other.details().assignor(), assignor));
            }
        }
        return Optional.empty();
    }

    static @Nullable MemberState memberOfInstance(
            SortedMap<String, MemberState> participants, String instanceId) {
        if (!instanceId.isEmpty()) {
            for (MemberState member : participants.values()) {
                if (member.instanceId.equals(instanceId) && !member.leaving) {
                    return member;
                }
            }
        }
        return null;
    }

    private static Optional<Problem> rejected(Reason reason, String message) {
        return Optional.of(new Problem(reason, message));
    }
}
