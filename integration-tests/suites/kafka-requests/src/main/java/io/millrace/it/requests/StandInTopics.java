package io.millrace.it.requests;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.metadata.KRaftMetadataCache;
import org.apache.kafka.metadata.LeaderAndIsr;
import org.apache.kafka.metadata.LeaderRecoveryState;

/**
 * The topics of a running server, in place of a broker's copy of the metadata log. Each call asks
 * the server.
 */
final class StandInTopics extends KRaftMetadataCache {
    private RunningServer server;

    private StandInTopics() {
        super(0, null);
    }

    static StandInTopics of(RunningServer server) {
        StandInTopics topics = StandIn.create(StandInTopics.class);
        topics.server = server;
        return topics;
    }

    @Override
    public Optional<LeaderAndIsr> getLeaderAndIsr(String topic, int partition) {
        return partition(topic, partition)
                .map(p ->
                        new LeaderAndIsr(
                                p.leaderId(),
                                p.leaderEpoch(),
                                p.isrNodes(),
                                LeaderRecoveryState.RECOVERED,
                                0));
    }

    @Override
    public Optional<Integer> numPartitions(String topic) {
        return topic(topic).map(t -> t.partitions().size());
    }

    @Override
    public boolean contains(String topic) {
        return topic(topic).isPresent();
    }

    @Override
    public boolean contains(TopicPartition partition) {
        return partition(partition.topic(), partition.partition()).isPresent();
    }

    @Override
    public Uuid getTopicId(String topic) {
        return topic(topic).map(MetadataResponseTopic::topicId).orElse(Uuid.ZERO_UUID);
    }

    @Override
    public Map<String, Uuid> topicNamesToIds() {
        return server.topics().stream()
                .collect(
                        Collectors.toMap(
                                MetadataResponseTopic::name, MetadataResponseTopic::topicId));
    }

    private Optional<MetadataResponseTopic> topic(String name) {
        return server.topics().stream().filter(topic -> topic.name().equals(name)).findAny();
    }

    private Optional<MetadataResponsePartition> partition(String topic, int index) {
        return topic(topic).stream()
                .flatMap(t -> t.partitions().stream())
                .filter(partition -> partition.partitionIndex() == index)
                .findAny();
    }
}
