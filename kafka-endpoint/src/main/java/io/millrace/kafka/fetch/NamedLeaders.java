package io.millrace.kafka.fetch;

import io.millrace.kafka.cluster.CurrentLeaders;
import io.millrace.kafka.cluster.KafkaNode;
import io.millrace.kafka.connection.RequestContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;

/**
 * The leaders that the answer to one request names for partitions that are not served (KIP-951).
 * Owned by the fetch node's event loop.
 */
final class NamedLeaders {

    private static final short FIRST_WITH_ENDPOINTS = 16;

    private final CurrentLeaders leaders;
    private final RequestContext context;
    private final int leaderEpoch;
    private final Map<Integer, KafkaNode> named = new HashMap<>();

    /**
     * @param leaderEpoch the generation of the cluster
     */
    NamedLeaders(CurrentLeaders leaders, RequestContext context, int leaderEpoch) {
        this.leaders = leaders;
        this.context = context;
        this.leaderEpoch = leaderEpoch;
    }

    /** Returns whether this node serves no partition, because it drains. */
    boolean areElsewhere() {
        return leaders.areElsewhere(context.listener());
    }

    /** Names the leader of a partition in a refusal, if the version of the request has it. */
    PartitionData name(PartitionData refusal, String topic) {
        if (context.version() >= FIRST_WITH_ENDPOINTS) {
            Optional<KafkaNode> leader =
                    leaders.of(context.listener(), context.zone(), topic, refusal.partitionIndex());
            leader.ifPresent(node -> {
                named.put(node.number(), node);
                refusal.setCurrentLeader(
                        new LeaderIdAndEpoch()
                                .setLeaderId(node.number())
                                .setLeaderEpoch(leaderEpoch));
            });
        }
        return refusal;
    }

    /** Adds the addresses of the named leaders. */
    void addEndpoints(FetchResponseData answer) {
        for (KafkaNode node : named.values()) {
            answer.nodeEndpoints()
                    .add(
                            new NodeEndpoint()
                                    .setNodeId(node.number())
                                    .setHost(node.host())
                                    .setPort(node.port())
                                    .setRack(node.zone().isEmpty() ? null : node.zone()));
        }
    }
}
