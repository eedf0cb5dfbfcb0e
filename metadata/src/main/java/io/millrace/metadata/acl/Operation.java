package io.millrace.metadata.acl;

/** An operation on a resource, with the meaning of Kafka's operation of the same name. */
public enum Operation {
    ALL,
    READ,
    WRITE,
    CREATE,
    DELETE,
    ALTER,
    DESCRIBE,
    CLUSTER_ACTION,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
    IDEMPOTENT_WRITE
}
