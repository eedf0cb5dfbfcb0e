package io.millrace.server.settings;

import java.util.Locale;

/**
 * A configuration setting (docs/configuration.md). Sources in order of precedence: option of {@code
 * up} or {@code node}, environment variable, {@code config/application.yaml}.
 */
public enum Setting {
    DATA("millrace.data", "--data", "millrace-data"),
    BUCKET("millrace.bucket", "--bucket", "file:DATA/bucket"),
    ADOPT_BUCKET("millrace.adopt-bucket", "--adopt-bucket", "none"),
    CLUSTER("millrace.cluster", "--cluster", "millrace"),
    ETCD("millrace.etcd", "--etcd", "none"),
    ETCD_AUTHORITIES("millrace.etcd-ca", "", "Java's"),
    ETCD_CERTIFICATE("millrace.etcd-certificate", "", "none"),
    ETCD_KEY("millrace.etcd-key", "", "none"),
    ETCD_USER("millrace.etcd-user", "", "none"),
    ETCD_PASSWORD("millrace.etcd-password", "", "none"),
    ROLES("millrace.roles", "--roles", "ingest,fetch,compaction"),
    NODE_ID("millrace.node-id", "--node-id", "HOSTNAME-PORT"),
    ZONE("millrace.zone", "--zone", "none"),
    ADVERTISE("millrace.advertise", "--advertise", "HOST:PORT"),
    NODE_LEASE_S("millrace.node-lease-s", "", "10"),
    SEAL_AGE_S("millrace.seal-age-s", "", "60"),
    METADATA_RETENTION_S("millrace.metadata-retention-s", "", "3600"),
    HOST("millrace.host", "--host", "localhost"),
    GRPC_PORT("millrace.grpc-port", "--grpc-port", "9090"),
    MANAGEMENT_PORT("millrace.management-port", "--management-port", "9990"),
    MANAGEMENT_TLS_CERTIFICATE("millrace.management-tls-certificate", "", "none"),
    MANAGEMENT_TLS_KEY("millrace.management-tls-key", "", "none"),
    KAFKA_PORT("millrace.kafka-port", "--kafka-port", "9092 or off"),
    KAFKA_ADVERTISE("millrace.kafka-advertise", "--kafka-advertise", "HOST:PORT"),
    KAFKA_EXTERNAL_PORT("millrace.kafka-external-port", "--kafka-external-port", "off"),
    KAFKA_EXTERNAL_ADVERTISE(
            "millrace.kafka-external-advertise", "--kafka-external-advertise", "HOST:PORT"),
    KAFKA_EXTERNAL_TLS_CERTIFICATE(
            "millrace.kafka-external-tls-certificate", "", "as millrace.tls-certificate"),
    KAFKA_EXTERNAL_TLS_KEY("millrace.kafka-external-tls-key", "", "as millrace.tls-key"),
    KAFKA_EXTERNAL_TLS_TRUST("millrace.kafka-external-tls-trust", "", "as millrace.tls-trust"),
    KAFKA_EXTERNAL_TLS_CLIENT_AUTH(
            "millrace.kafka-external-tls-client-auth", "", "as millrace.tls-client-auth"),
    KAFKA_EXTERNAL_AUTH("millrace.kafka-external-auth", "", "as millrace.auth"),
    KAFKA_ZONES("millrace.kafka-zones", "", "none"),
    KAFKA_CREATE_TOPICS("millrace.kafka-create-topics", "", "true or false"),
    KAFKA_PARTITIONS("millrace.kafka-partitions", "", "1"),
    KAFKA_REBALANCE_DELAY_MS("millrace.kafka-rebalance-delay-ms", "", "0 or 3000"),
    KAFKA_SESSION_TIMEOUT_MS("millrace.kafka-session-timeout-ms", "", "45000"),
    KAFKA_HEARTBEAT_INTERVAL_MS("millrace.kafka-heartbeat-interval-ms", "", "5000"),
    METRICS_TOKEN_FILE("millrace.metrics-token-file", "", "none"),
    LOG_FORMAT("millrace.log-format", "", "text"),
    TLS_CERTIFICATE("millrace.tls-certificate", "--tls-certificate", "none"),
    TLS_KEY("millrace.tls-key", "--tls-key", "none"),
    TLS_TRUST("millrace.tls-trust", "--tls-trust", "Java's"),
    TLS_CLIENT_AUTH("millrace.tls-client-auth", "", "none"),
    TLS_NODE_NAME("millrace.tls-node-name", "", "none"),
    AUTH("millrace.auth", "", "none"),
    AUTH_TOKENS_FILE("millrace.auth-tokens-file", "", "none"),
    AUTH_CERTIFICATE_PRINCIPAL("millrace.auth-certificate-principal", "", "dn"),
    OIDC_ISSUER("millrace.oidc-issuer", "", "none"),
    OIDC_AUDIENCE("millrace.oidc-audience", "", "none"),
    OIDC_JWKS("millrace.oidc-jwks", "", "discovered"),
    OIDC_PRINCIPAL_CLAIM("millrace.oidc-principal-claim", "", "sub"),
    PROFILE("millrace.profile", "--profile", "latency or balanced"),
    S3_ENDPOINT("millrace.s3-endpoint", "--s3-endpoint", "AWS"),
    S3_REGION("millrace.s3-region", "", "us-east-1"),
    S3_ENCRYPTION("millrace.s3-encryption", "", "none"),
    S3_KMS_KEY_ID("millrace.s3-kms-key-id", "", "none"),
    INGEST_MEMORY_PERCENT("millrace.ingest-memory-percent", "", "25"),
    HOT_CACHE_PERCENT("millrace.hot-cache-percent", "", "25"),
    COLD_CACHE_PERCENT("millrace.cold-cache-percent", "", "12"),
    DISK_CACHE("millrace.disk-cache", "--disk-cache", "none"),
    DISK_CACHE_MIB("millrace.disk-cache-mib", "", "10240"),
    UPLOAD_TIMEOUT_MS("millrace.upload-timeout-ms", "", "30000"),
    DRAIN_TIMEOUT_MS("millrace.drain-timeout-ms", "", "10000"),
    GROUP_OFFSETS_RETENTION_S("millrace.group-offsets-retention-s", "", "604800"),
    GROUP_LAG_PARTITIONS("millrace.group-lag-partitions", "", "2000"),
    RETENTION_INTERVAL_S("millrace.retention-interval-s", "", "60"),
    ORPHAN_INTERVAL_S("millrace.orphan-interval-s", "", "3600"),
    DELETE_GRACE_S("millrace.delete-grace-s", "", "900"),
    UPLOAD_GRACE_S("millrace.upload-grace-s", "", "86400"),
    MERGE_MEMORY_PERCENT("millrace.merge-memory-percent", "", "12"),
    MERGE_BLOCKS_MIB("millrace.merge-blocks-mib", "", "64"),
    MERGE_DELAY_S("millrace.merge-delay-s", "", "600"),
    MERGE_FAN_IN("millrace.merge-fan-in", "", "256"),
    SEGMENT_MIB("millrace.segment-mib", "", "1024"),
    MERGE_MIB_PER_S("millrace.merge-mib-per-s", "", "0"),
    OFFLOAD_THRESHOLD_EXTENTS("millrace.offload-threshold-extents", "", "250000"),
    MAX_EXTENTS("millrace.max-extents", "", "0"),
    TRACING("millrace.tracing", "", "off"),
    TRACING_ENDPOINT("millrace.tracing-endpoint", "", "http://localhost:4318"),
    TRACING_SAMPLE("millrace.tracing-sample", "", "0"),
    SUPER_USERS("millrace.super-users", "", "none"),
    AUDIT_LOG("millrace.audit-log", "", "none"),
    AUDIT_LOG_MIB("millrace.audit-log-mib", "", "100"),
    AUDIT_LOG_FILES("millrace.audit-log-files", "", "10");

    private final String key;
    private final String flag;
    private final String defaultValue;

    Setting(String key, String flag, String fallback) {
        this.key = key;
        this.flag = flag;
        this.defaultValue = fallback;
    }

    /** Returns the key in application.yaml, also the name of the system property. */
    public String key() {
        return key;
    }

    /** Returns the option of {@code up} or {@code node}; may be empty. */
    public String flag() {
        return flag;
    }

    /** Returns the default. Words in upper case stand for values of other settings. */
    public String defaultValue() {
        return defaultValue;
    }

    public String variable() {
        return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }

    String displayName() {
        return flag.isEmpty() ? key : flag + " (" + key + ")";
    }
}
