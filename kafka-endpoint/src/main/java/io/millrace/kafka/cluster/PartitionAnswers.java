package io.millrace.kafka.cluster;

import java.util.List;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.protocol.Errors;

/** Descriptions of partitions. All replicas are in sync, as the bucket has all. */
final class PartitionAnswers {

    private PartitionAnswers() {}

    /**
     * @param leaderEpoch the generation of the cluster
     */
    static MetadataResponsePartition of(
            int partition, LeaderPlacement.Place place, int leaderEpoch) {
        return new MetadataResponsePartition()
                .setErrorCode(
                        (place.leader() < 0 ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE).code())
                .setPartitionIndex(partition)
                .setLeaderId(place.leader())
                .setLeaderEpoch(leaderEpoch)
                .setReplicaNodes(place.replicas())
                .setIsrNodes(place.replicas())
                .setOfflineReplicas(List.of());
    }
}
