package io.millrace.simulation.workload;

import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.jspecify.annotations.Nullable;

/** The requests of a member of KIP-848. */
record KafkaConsumerRequests(KafkaMember.Identity identity) {

    private static final int LEAVE = -1;
    private static final int REBALANCE_MS = 3000;
    private static final int UNCHANGED = -1;

    /** Returns the beginning of the member ids. */
    String name() {
        return identity.group() + (identity.instance().isEmpty() ? "" : "-" + identity.instance());
    }

    private @Nullable String instance() {
        return identity.instance().isEmpty() ? null : identity.instance();
    }

    ConsumerGroupHeartbeatRequestData join(String memberId) {
        return full(memberId, 0).setTopicPartitions(List.of());
    }

    /**
     * Returns a heartbeat with all properties of a member, as after a failure.
     *
     * @param topicId the topic of the partitions; any if there are none
     */
    ConsumerGroupHeartbeatRequestData continued(
            String memberId, int epoch, Uuid topicId, Collection<Integer> owned) {
        return full(memberId, epoch).setTopicPartitions(partitions(topicId, owned));
    }

    private ConsumerGroupHeartbeatRequestData full(String memberId, int epoch) {
        return unchanged(memberId, epoch)
                .setRebalanceTimeoutMs(REBALANCE_MS)
                .setSubscribedTopicNames(List.of(identity.topic()));
    }

    /** Returns a heartbeat with other partitions than before. */
    ConsumerGroupHeartbeatRequestData changed(
            String memberId, int epoch, Uuid topicId, Collection<Integer> owned) {
        return unchanged(memberId, epoch).setTopicPartitions(partitions(topicId, owned));
    }

    ConsumerGroupHeartbeatRequestData unchanged(String memberId, int epoch) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(identity.group())
                .setMemberId(memberId)
                .setMemberEpoch(epoch)
                .setInstanceId(instance())
                .setRebalanceTimeoutMs(UNCHANGED)
                .setSubscribedTopicNames(null)
                .setTopicPartitions(null);
    }

    ConsumerGroupHeartbeatRequestData leave(String memberId) {
        return unchanged(memberId, LEAVE);
    }

    private static List<ConsumerGroupHeartbeatRequestData.TopicPartitions> partitions(
            Uuid topicId, Collection<Integer> owned) {
        return owned.isEmpty()
                ? List.of()
                : List.of(
                        new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                                .setTopicId(topicId)
                                .setPartitions(List.copyOf(owned)));
    }

    OffsetCommitRequestData commit(String memberId, int epoch, int partition, long offset) {
        return new KafkaMemberRequests(identity).commit(memberId, epoch, partition, offset);
    }

    OffsetFetchRequestData fetch(String memberId, int epoch, Collection<Integer> partitions) {
        return new OffsetFetchRequestData()
                .setRequireStable(true)
                .setGroups(
                        List.of(
                                new OffsetFetchRequestData.OffsetFetchRequestGroup()
                                        .setGroupId(identity.group())
                                        .setMemberId(memberId)
                                        .setMemberEpoch(epoch)
                                        .setTopics(
                                                List.of(
                                                        new OffsetFetchRequestData
                                                                        .OffsetFetchRequestTopics()
                                                                .setName(identity.topic())
                                                                .setPartitionIndexes(
                                                                        List.copyOf(
                                                                                partitions))))));
    }
}
