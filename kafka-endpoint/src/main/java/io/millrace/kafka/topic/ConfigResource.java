package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.connection.ApiFailure;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * A resource with settings, as a request names it.
 *
 * @param type the number of the type in the protocol
 */
record ConfigResource(byte type, String name) {

    static final byte TOPIC = 2;
    static final byte NODE = 4;

    /**
     * Returns the reason not to execute an operation on the settings.
     *
     * @param nodes the live nodes; a node answers for itself only
     */
    Optional<ApiFailure> refusal(RequestContext context, Operation operation, KafkaNodes nodes) {
        return switch (type) {
            case TOPIC -> topicRefusal(context, operation);
            case NODE -> nodeRefusal(context, operation, nodes);
            default ->
                    Optional.of(
                            ApiFailure.invalid(
                                    "Resources of type %d have no settings: use topics (2) or nodes (4)."
                                            .formatted(type)));
        };
    }

    private Optional<ApiFailure> topicRefusal(RequestContext context, Operation operation) {
        if (!context.authorize(operation, ResourceType.TOPIC, name)) {
            return Optional.of(ApiFailure.denied(Errors.TOPIC_AUTHORIZATION_FAILED));
        }
        if (name.isEmpty() && operation == Operation.ALTER_CONFIGS) {
            return Optional.of(ApiFailure.invalid("Topics have no common settings: name a topic."));
        }
        return TopicName.isLegal(name)
                ? Optional.empty()
                : Optional.of(
                        new ApiFailure(
                                Errors.INVALID_TOPIC_EXCEPTION,
                                "\"%s\" is not a valid topic name.".formatted(name)));
    }

    private Optional<ApiFailure> nodeRefusal(
            RequestContext context, Operation operation, KafkaNodes nodes) {
        if (!context.authorize(operation, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            return Optional.of(ApiFailure.denied(Errors.CLUSTER_AUTHORIZATION_FAILED));
        }
        return isOfAllNodes() || name.equals(Integer.toString(nodes.self()))
                ? Optional.empty()
                : Optional.of(
                        ApiFailure.invalid(
                                "This is node %d, which knows the settings of no other node: send the request to the node that it is about."
                                        .formatted(nodes.self())));
    }

    /** Returns whether this resource stands for what all nodes share, of which there is nothing. */
    boolean isOfAllNodes() {
        return type == NODE && name.isEmpty();
    }
}
