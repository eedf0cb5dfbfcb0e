package io.millrace.kafka.fetch;

import io.millrace.kafka.connection.RequestContext;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Refuses fetches of brokers: the bucket has the only copy, so no partition has followers. */
final class FollowerFetch {

    private static final short FIRST_WITH_REPLICA_STATE = 15;

    private FollowerFetch() {}

    static boolean isFollower(short version, FetchRequestData request) {
        int replica =
                version < FIRST_WITH_REPLICA_STATE
                        ? request.replicaId()
                        : request.replicaState().replicaId();
        return replica >= 0;
    }

    static FetchResponseData refuse(RequestContext context, FetchRequestData request) {
        Errors error =
                context.allows(
                                Operation.CLUSTER_ACTION,
                                ResourceType.CLUSTER,
                                ResourceType.CLUSTER_NAME)
                        ? Errors.NOT_LEADER_OR_FOLLOWER
                        : Errors.TOPIC_AUTHORIZATION_FAILED;
        context.failed(error);
        return FetchAnswers.refused(request, error);
    }
}
