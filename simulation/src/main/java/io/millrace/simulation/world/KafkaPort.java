package io.millrace.simulation.world;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.group.Coordinators;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.sequence.SequenceGaps;
import io.millrace.kafka.auth.AnonymousIdentity;
import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.RegisteredKafkaNodes;
import io.millrace.kafka.cluster.TopicIds;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.ApiRegistry;
import io.millrace.kafka.connection.ConnectionLimits;
import io.millrace.kafka.connection.ConnectionMetrics;
import io.millrace.kafka.connection.InboundBytes;
import io.millrace.kafka.connection.KafkaConnection;
import io.millrace.kafka.connection.ListenerContext;
import io.millrace.kafka.connection.RequestAudit;
import io.millrace.kafka.connection.ZoneResolver;
import io.millrace.kafka.group.GroupApis;
import io.millrace.kafka.group.GroupBackend;
import io.millrace.kafka.group.GroupTimes;
import io.millrace.kafka.produce.InitProducerIdHandler;
import io.millrace.kafka.produce.ProduceHandler;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.etcd.EtcdMembership;
import io.millrace.metadata.quota.Quotas;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.security.authorization.Authorizer;
import io.millrace.security.quota.QuotaEnforcement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The Kafka port of one process, with the production code of connections and handlers. */
public final class KafkaPort {

    static final int NUMBER = 9092;

    /** The time for which the answer to a gap in sequences is to send again. */
    public static final Duration GAP_PATIENCE = Duration.ofSeconds(60);

    private static final GroupTimes GROUP_TIMES =
            new GroupTimes(
                    GroupTimes.DEFAULT.initialDelay(),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(1));

    private static final int MAX_GAPS = 10_000;
    private static final TopicIds IDS =
            new TopicIds(new ClusterId("0123456789abcdef0123456789abcdef"));

    private final ListenerContext listener;
    private long nextConnection;

    KafkaPort(
            NodeLoop loop,
            String name,
            EtcdMembership membership,
            MetadataReplica replica,
            IngestNode ingest,
            NodeGroups groups) {
        KafkaNodes nodes =
                new RegisteredKafkaNodes(
                        membership::nodes,
                        node -> replica.nodeNumbers().numberOf(node),
                        () -> name);
        QuotaEnforcement quotas = new QuotaEnforcement(() -> Quotas.NONE, loop::nanoTime);
        List<ApiHandler<?, ?>> handlers = new ArrayList<>();
        handlers.add(
                new ProduceHandler(
                        ingest,
                        loop,
                        replica,
                        IDS,
                        nodes,
                        new SequenceGaps(GAP_PATIENCE, MAX_GAPS, loop::nanoTime),
                        quotas));
        handlers.add(new InitProducerIdHandler(ingest, loop));
        handlers.addAll(
                GroupApis.handlers(
                        new GroupBackend(
                                replica,
                                groups.coordinator().classicGroups(),
                                groups.routed(),
                                groups.commits(),
                                new Coordinators(
                                        replica, membership::nodes, NodeGroups::servesKafka),
                                nodes,
                                () -> name,
                                IDS),
                        GROUP_TIMES,
                        () -> {
                            throw new IllegalStateException("All members choose their ids.");
                        }));
        listener =
                new ListenerContext(
                        KafkaListener.INTERNAL,
                        new ApiRegistry(handlers),
                        AnonymousIdentity::of,
                        Authorizer.OPEN,
                        RequestAudit.NONE,
                        quotas,
                        ZoneResolver.NONE,
                        InboundBytes.UNLIMITED,
                        ConnectionLimits.STANDARD,
                        new ConnectionMetrics(new SimpleMeterRegistry(), KafkaListener.INTERNAL),
                        () -> nextConnection);
    }

    /**
     * @param id a number that no other connection of the process has
     */
    KafkaConnection accept(long id) {
        nextConnection = id;
        return new KafkaConnection(listener);
    }
}
