package io.millrace.server.grpc.fetch;

import io.millrace.fetch.subscribe.ReadAccess;
import io.millrace.fetch.subscribe.SubscriptionRequest;
import io.millrace.group.JoinRequest;
import io.millrace.group.MemberOrigin;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.error.Problem;
import io.millrace.security.authorization.RememberedDecisions;
import io.millrace.server.grpc.access.CallRights;
import java.util.Optional;

/**
 * The rights of a subscription's client: READ on the group and on the topics. This node checks them
 * for each message and each batch, wherever the group is coordinated. The coordinator assigns only
 * topics that the member may read. Owned by the metadata's loop.
 */
final class SubscriptionRights implements ReadAccess {

    private final CallRights rights;
    private final RememberedDecisions topics;
    private final RememberedDecisions groups;
    private String group = "";

    SubscriptionRights(CallRights rights) {
        this.rights = rights;
        this.topics = rights.decisions(Operation.READ, ResourceType.TOPIC);
        this.groups = rights.decisions(Operation.READ, ResourceType.GROUP);
    }

    /** Returns the reason to reject the opening request; empty to serve it. */
    Optional<Problem> refusal(SubscriptionRequest opening) {
        group = opening.join().group();
        Optional<Problem> noGroup = groupRefusal();
        return noGroup.isPresent()
                ? noGroup
                : opening.join().details().subscription().topics().stream()
                        .sorted()
                        .map(this::refusal)
                        .flatMap(Optional::stream)
                        .findFirst();
    }

    /** Returns the reason to end the subscription; empty to continue. */
    Optional<Problem> groupRefusal() {
        return group.isEmpty() || groups.allows(group)
                ? Optional.empty()
                : Optional.of(rights.refuse(Operation.READ, ResourceType.GROUP, group));
    }

    @Override
    public Optional<Problem> refusal(String topic) {
        return topics.allows(topic)
                ? Optional.empty()
                : Optional.of(rights.refuse(Operation.READ, ResourceType.TOPIC, topic));
    }

    /** Returns the request with the origin of the member, for its coordinator. */
    SubscriptionRequest withOrigin(SubscriptionRequest opening) {
        if (!rights.areLimited()) {
            return opening;
        }
        JoinRequest join = opening.join();
        MemberOrigin origin =
                new MemberOrigin(join.caller().principal().text(), join.caller().host());
        return new SubscriptionRequest(
                new JoinRequest(
                        join.group(),
                        join.memberId(),
                        join.memberIdChosen(),
                        join.instanceId(),
                        join.details().from(origin),
                        join.owned(),
                        join.caller()),
                opening.start(),
                opening.outOfRange());
    }
}
