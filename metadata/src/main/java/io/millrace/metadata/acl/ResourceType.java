package io.millrace.metadata.acl;

/** A type of resource, with the meaning of Kafka's type of the same name. */
public enum ResourceType {
    TOPIC,
    GROUP,
    /** The cluster itself, a single resource with the name {@link #CLUSTER_NAME}. */
    CLUSTER,
    TRANSACTIONAL_ID;

    /** The name of the only resource of type {@link #CLUSTER}, as in Kafka. */
    public static final String CLUSTER_NAME = "kafka-cluster";
}
