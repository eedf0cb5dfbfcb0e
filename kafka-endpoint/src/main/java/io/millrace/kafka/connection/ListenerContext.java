package io.millrace.kafka.connection;

import io.millrace.metadata.membership.KafkaListener;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.quota.QuotaEnforcement;
import java.util.function.LongSupplier;

/**
 * Components that the connections of a listener share.
 *
 * @param ids yields numbers that are unique in the process, also among gRPC connections
 */
public record ListenerContext(
        KafkaListener name,
        ApiRegistry registry,
        ClientIdentity.Source identities,
        Authorizer authorizer,
        RequestAudit audit,
        QuotaEnforcement quotas,
        ZoneResolver zones,
        InboundBytes inbound,
        ConnectionLimits limits,
        ConnectionMetrics metrics,
        LongSupplier ids) {}
