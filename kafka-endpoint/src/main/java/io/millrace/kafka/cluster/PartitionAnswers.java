package io.millrace.kafka.cluster;

import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.protocol.Errors;

/** Descriptions of the partitions of a topic. All replicas are in sync, as the bucket has all. */
final class PartitionAnswers {

    private PartitionAnswers() {}

    /**
     * @param leaderEpoch the generation of the cluster
     */
    static List<MetadataResponsePartition> of(
            Topic topic, LeaderPlacement placement, int leaderEpoch) {
        List<MetadataResponsePartition> partitions = new ArrayList<>(topic.partitionCount());
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            LeaderPlacement.Place place = placement.of(topic.name(), partition);
            partitions.add(
                    new MetadataResponsePartition()
                            .setErrorCode(
                                    (place.leader() < 0 ? Errors.LEADER_NOT_AVAILABLE : Errors.NONE)
                                            .code())
                            .setPartitionIndex(partition)
                            .setLeaderId(place.leader())
                            .setLeaderEpoch(leaderEpoch)
                            .setReplicaNodes(place.replicas())
                            .setIsrNodes(place.replicas())
                            .setOfflineReplicas(List.of()));
        }
        return partitions;
    }
}
