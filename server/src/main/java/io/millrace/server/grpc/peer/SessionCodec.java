package io.millrace.server.grpc.peer;

import io.millrace.group.AssignedPartition;
import io.millrace.group.JoinRequest;
import io.millrace.group.MemberDetails;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.peer.LeasedOffset;
import io.millrace.protocol.v1.peer.LeasedPartition;
import io.millrace.protocol.v1.peer.LeasedPartitions;
import io.millrace.protocol.v1.peer.SessionCaller;
import io.millrace.protocol.v1.peer.SessionJoin;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import io.millrace.server.grpc.call.GrpcErrors;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** A codec for the session messages between nodes. */
final class SessionCodec {

    private SessionCodec() {}

    static SessionJoin join(String cluster, JoinRequest request) {
        SessionJoin.Builder join =
                SessionJoin.newBuilder()
                        .setCluster(cluster)
                        .setGroup(request.group())
                        .setMemberId(request.memberId())
                        .setMemberIdChosen(request.memberIdChosen())
                        .setInstanceId(request.instanceId())
                        .setDetails(request.details().encode())
                        .setCaller(caller(request.caller()));
        request.owned().ifPresent(owned -> join.setOwned(partitions(owned)));
        return join.build();
    }

    /** Fails with MALFORMED_REQUEST. */
    static JoinRequest join(String cluster, SessionJoin join) {
        if (!join.getCluster().equals(cluster)) {
            throw malformed(
                    "the request is for cluster %s, but this node belongs to cluster %s."
                            .formatted(join.getCluster(), cluster));
        }
        if (join.getDetails().size() > GroupLimits.MAX_DETAILS_BYTES) {
            throw malformed("the member details are too large.");
        }
        MemberDetails details =
                MemberDetails.decode(join.getDetails())
                        .orElseThrow(() -> malformed("the member details are invalid."));
        return new JoinRequest(
                join.getGroup(),
                join.getMemberId(),
                join.getMemberIdChosen(),
                join.getInstanceId(),
                details,
                join.hasOwned()
                        ? Optional.of(new HashSet<>(keys(join.getOwned().getPartitionsList())))
                        : Optional.empty(),
                caller(join));
    }

    private static SessionCaller caller(Caller caller) {
        return SessionCaller.newBuilder()
                .setPrincipal(caller.principal().text())
                .setHost(caller.host())
                .setExpiresMs(caller.expiresMs())
                .build();
    }

    /** A join of an older node has no caller. */
    private static Caller caller(SessionJoin join) {
        SessionCaller caller = join.getCaller();
        return join.hasCaller()
                ? new Caller(
                        new Principal(caller.getPrincipal()),
                        caller.getHost(),
                        caller.getExpiresMs())
                : Caller.anonymous("");
    }

    static LeasedPartitions partitions(Collection<PartitionId> keys) {
        LeasedPartitions.Builder partitions = LeasedPartitions.newBuilder();
        keys.forEach(key -> partitions.addPartitions(partition(key)));
        return partitions.build();
    }

    static LeasedPartition partition(PartitionId key) {
        return LeasedPartition.newBuilder()
                .setTopicId(key.topicId())
                .setPartition(key.partition())
                .build();
    }

    static LeasedPartition assigned(AssignedPartition assignedPartition) {
        LeasedPartition.Builder partition = partition(assignedPartition.partition()).toBuilder();
        assignedPartition
                .committed()
                .ifPresent(committed ->
                        partition.setCommitted(
                                LeasedOffset.newBuilder()
                                        .setOffset(committed.offset())
                                        .setLeaderEpoch(committed.leaderEpoch())
                                        .setMetadata(committed.text())));
        return partition.build();
    }

    static AssignedPartition assigned(LeasedPartition partition) {
        LeasedOffset committed = partition.getCommitted();
        return new AssignedPartition(
                key(partition),
                partition.hasCommitted()
                        ? Optional.of(
                                new CommittedOffset(
                                        committed.getOffset(),
                                        committed.getLeaderEpoch(),
                                        committed.getMetadata()))
                        : Optional.empty());
    }

    static List<PartitionId> keys(List<LeasedPartition> partitions) {
        return partitions.stream().map(SessionCodec::key).toList();
    }

    private static PartitionId key(LeasedPartition partition) {
        return new PartitionId(partition.getTopicId(), partition.getPartition());
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(GrpcErrors.malformed("SessionRequest", why));
    }
}
