package io.millrace.server.grpc.access;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;

/** The right to execute an operation on a resource. */
record Right(Operation operation, ResourceType type, String name) {

    static Right onTopic(Operation operation, String topic) {
        return new Right(operation, ResourceType.TOPIC, topic);
    }

    static Right onGroup(Operation operation, String group) {
        return new Right(operation, ResourceType.GROUP, group);
    }

    static Right onCluster(Operation operation) {
        return new Right(operation, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME);
    }
}
