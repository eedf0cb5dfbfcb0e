package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdMetrics;
import io.millrace.metadata.etcd.MeteredEtcd;
import io.millrace.metadata.etcd.jetcd.JetcdEtcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.log.etcd.EtcdIdentity;
import io.millrace.metadata.log.etcd.EtcdLogSettings;
import io.millrace.metadata.log.etcd.EtcdMetadataLog;
import io.millrace.metadata.log.etcd.EtcdNodeSecret;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.NodeAddress;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.membership.etcd.EtcdMembership;
import io.millrace.metadata.membership.etcd.LeaseTenure;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.MetadataShare;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.settings.LogLocation;
import io.millrace.server.settings.LogLocation.Address;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** A node of a cluster, with the metadata log in etcd. */
final class ClusteredNode implements NodeMembership {

    private static final int LEAVE_SECONDS = 2;

    private final ServerSettings settings;
    private final NodeVersion version;
    private final LogLocation.Cluster place;
    private final MetadataReplica metadata;
    private final ClusterId identity;
    private final NodeSecret secret;
    private final EtcdMembership membership;
    private final LeaseTenure tenure;
    private volatile String node = "";
    private volatile boolean withdrawn;

    private ClusteredNode(
            ServerSettings settings,
            NodeVersion version,
            LogLocation.Cluster place,
            MetadataReplica metadata,
            ClusterId identity,
            NodeSecret secret,
            EtcdMembership membership) {
        this.settings = settings;
        this.version = version;
        this.place = place;
        this.metadata = metadata;
        this.identity = identity;
        this.secret = secret;
        this.membership = membership;
        this.tenure = new LeaseTenure(membership, metadata::barrier);
    }

    static ClusteredNode open(
            ServerSettings settings,
            NodeVersion version,
            LogLocation.Cluster place,
            EventLoop loop,
            ObjectStore store,
            MeterRegistry registry,
            SecureRandom random,
            CloseStack closing) {
        Etcd etcd =
                new MeteredEtcd(
                        JetcdEtcd.open(place.etcd(), loop, random),
                        loop,
                        new EtcdMetrics(registry));
        closing.add(() -> loop.runNowOrLater(etcd::close));
        EtcdMembership membership =
                new EtcdMembership(loop, etcd, settings.cluster(), place.life());
        closing.add(() -> membership.close().get(LEAVE_SECONDS, TimeUnit.SECONDS));
        EtcdLogSettings logSettings =
                EtcdLogSettings.DEFAULTS
                        .withSealAge(place.sealAge())
                        .withCheckpointsKept(place.metadataRetention());
        ClusterId identity =
                Replicas.verifyIdentity(
                        new EtcdIdentity(loop, etcd, settings.cluster(), logSettings, random),
                        settings,
                        store,
                        random);
        EtcdMetadataLog log =
                new EtcdMetadataLog(
                        loop,
                        Replicas.thread("millrace-checkpoint", closing),
                        etcd,
                        store,
                        settings.cluster(),
                        logSettings.withIdentity(identity),
                        membership::isLeader,
                        random);
        MetadataReplica metadata =
                Replicas.awaitCurrent(
                        MetadataReplica.open(
                                loop,
                                log,
                                ReplicaSettings.cluster(place.life(), version.levels())
                                        .withGroupLife(settings.groups().offsetsRetention())
                                        .withMetadataBytes(
                                                MetadataShare.ofHeap(
                                                        Runtime.getRuntime().maxMemory())),
                                membership,
                                new MetadataMetrics(registry),
                                random),
                        closing);
        NodeSecret secret =
                Replicas.await(
                        new EtcdNodeSecret(
                                        loop,
                                        etcd,
                                        settings.cluster(),
                                        logSettings,
                                        identity,
                                        random)
                                .readOrCreate(metadata.generation()));
        Replicas.await(membership.open());
        return new ClusteredNode(settings, version, place, metadata, identity, secret, membership);
    }

    @Override
    public MetadataReplica metadata() {
        return metadata;
    }

    @Override
    public ClusterId identity() {
        return identity;
    }

    @Override
    public NodeSecret secret() {
        return secret;
    }

    @Override
    public Set<Role> roles() {
        return place.roles();
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public boolean isLive() {
        return tenure.isConfirmed() && !metadata.stopped().isDone();
    }

    @Override
    public Duration leaseDuration() {
        return place.life();
    }

    @Override
    public List<RegisteredNode> liveNodes() {
        return membership.nodes();
    }

    @Override
    public void join(int grpcPort, Map<KafkaListener, Integer> kafkaPorts) {
        Address address =
                place.advertised()
                        .orElseGet(() ->
                                new Address(AdvertisedAddress.host(settings), Optional.empty()));
        int port = address.port().orElse(grpcPort);
        node = place.nodeId().orElseGet(() -> AdvertisedAddress.hostName() + "-" + grpcPort);
        Map<KafkaListener, NodeAddress> kafka = AdvertisedAddress.kafka(settings, kafkaPorts);
        Replicas.await(
                membership.register(() ->
                        new RegisteredNode(
                                node,
                                metadata.incarnation(),
                                withdrawn ? Set.of() : place.roles(),
                                place.zone(),
                                address.host(),
                                port,
                                version.levels().newest(),
                                MetadataShare.ofHeap(Runtime.getRuntime().maxMemory()),
                                version.name(),
                                kafka,
                                0)));
    }

    @Override
    public void withdraw() {
        withdrawn = true;
        // If etcd is unavailable, clients continue at other nodes once this one stops accepting.
        awaitBriefly(membership.refresh());
    }

    @Override
    public void leave() {
        // If etcd is unavailable, the lease expires without being revoked.
        awaitBriefly(membership.close());
    }

    private static void awaitBriefly(CompletableFuture<Void> step) {
        try {
            step.get(LEAVE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException away) {
            // Continues without etcd.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public CompletableFuture<Problem> stopped() {
        CompletableFuture<Problem> stopped = new CompletableFuture<>();
        metadata.stopped().thenAccept(stopped::complete);
        membership.idTakenOver().thenAccept(stopped::complete);
        return stopped;
    }

    @Override
    public String description() {
        return "cluster=%s node=%s roles=%s%s %s bucket=%s"
                .formatted(
                        settings.cluster(),
                        node,
                        new TreeSet<>(place.roles())
                                .stream()
                                        .map(role -> role.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(",")),
                        place.zone().isEmpty() ? "" : " zone=" + place.zone(),
                        place,
                        settings.bucket());
    }
}
