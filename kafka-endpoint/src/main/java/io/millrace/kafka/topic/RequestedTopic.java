package io.millrace.kafka.topic;

import io.millrace.kafka.connection.ApiFailure;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.protocol.Errors;

/** Kafka's rules for the fields of a topic that is to be created. */
final class RequestedTopic {

    private static final int DEFAULT = -1;

    private RequestedTopic() {}

    /** Thrown for a topic that breaks a rule. */
    static final class InvalidTopicException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient ApiFailure failure;

        InvalidTopicException(Errors error, String message) {
            super(message);
            this.failure = new ApiFailure(error, message);
        }

        ApiFailure failure() {
            return failure;
        }
    }

    /**
     * Returns the number of partitions: the requested one, the default, or that of the assignments.
     */
    static int partitions(CreatableTopic topic, int defaultPartitions)
            throws InvalidTopicException {
        if (!topic.assignments().isEmpty()) {
            return assigned(topic);
        }
        if (topic.replicationFactor() != DEFAULT && topic.replicationFactor() < 1) {
            throw new InvalidTopicException(
                    Errors.INVALID_REPLICATION_FACTOR,
                    "The replication factor must be at least 1, or -1 for the default.");
        }
        if (topic.numPartitions() != DEFAULT && topic.numPartitions() < 1) {
            throw new InvalidTopicException(
                    Errors.INVALID_PARTITIONS,
                    "The number of partitions must be at least 1, or -1 for the default.");
        }
        return topic.numPartitions() == DEFAULT ? defaultPartitions : topic.numPartitions();
    }

    /** The nodes of an assignment need not exist, because any node serves any partition. */
    private static int assigned(CreatableTopic topic) throws InvalidTopicException {
        if (topic.replicationFactor() != DEFAULT || topic.numPartitions() != DEFAULT) {
            throw new InvalidTopicException(
                    Errors.INVALID_REQUEST,
                    "With assignments of replicas, the number of partitions and the replication factor must be -1.");
        }
        int count = topic.assignments().size();
        for (CreatableReplicaAssignment assignment : topic.assignments()) {
            if (assignment.partitionIndex() < 0
                    || assignment.partitionIndex() >= count
                    || topic.assignments().findAll(assignment.partitionIndex()).size() > 1) {
                throw new InvalidTopicException(
                        Errors.INVALID_REPLICA_ASSIGNMENT,
                        "The assigned partitions must be 0 to %d, each once.".formatted(count - 1));
            }
            requireReplicas(assignment.brokerIds());
        }
        return count;
    }

    static void requireReplicas(List<Integer> replicas) throws InvalidTopicException {
        Set<Integer> distinct = new HashSet<>(replicas);
        if (replicas.isEmpty() || distinct.size() < replicas.size()) {
            throw new InvalidTopicException(
                    Errors.INVALID_REPLICA_ASSIGNMENT,
                    "An assignment must name at least one node, and each node once.");
        }
        if (distinct.stream().anyMatch(node -> node < 0)) {
            throw new InvalidTopicException(
                    Errors.INVALID_REPLICA_ASSIGNMENT,
                    "The numbers of nodes must not be negative.");
        }
    }

    static Map<String, String> settings(CreatableTopic topic) throws InvalidTopicException {
        Map<String, String> settings = new TreeMap<>();
        for (CreatableTopicConfig config : topic.configs()) {
            if (config.value() == null) {
                throw new InvalidTopicException(
                        Errors.INVALID_CONFIG,
                        "The topic setting %s has no value.".formatted(config.name()));
            }
            settings.put(config.name(), SettingText.canonical(config.name(), config.value()));
        }
        return settings;
    }
}
