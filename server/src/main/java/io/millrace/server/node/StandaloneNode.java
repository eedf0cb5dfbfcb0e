package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.log.local.FolderIdentity;
import io.millrace.metadata.log.local.FolderLock;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.log.local.LocalMetadataLog;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataMetrics;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.metadata.replica.MetadataShare;
import io.millrace.metadata.replica.ReplicaSettings;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A node with its metadata log in a local folder, not shared with other processes. */
final class StandaloneNode implements NodeMembership {

    private static final String NODE = "embedded";
    private static final Set<Role> ROLES = EnumSet.allOf(Role.class);

    private final ServerSettings settings;
    private final NodeVersion version;
    private final Path data;
    private final MetadataReplica metadata;
    private final ClusterId identity;
    private final NodeSecret secret;
    private volatile List<RegisteredNode> members = List.of();

    private StandaloneNode(
            ServerSettings settings,
            NodeVersion version,
            Path data,
            MetadataReplica metadata,
            ClusterId identity,
            NodeSecret secret) {
        this.settings = settings;
        this.version = version;
        this.data = data;
        this.metadata = metadata;
        this.identity = identity;
        this.secret = secret;
    }

    static StandaloneNode open(
            ServerSettings settings,
            NodeVersion version,
            Path data,
            EventLoop loop,
            Disk disk,
            ObjectStore store,
            MeterRegistry registry,
            SecureRandom random,
            CloseStack closing) {
        try {
            closing.add(FolderLock.acquire(data));
        } catch (IOException unusable) {
            throw new StartFailure(
                    "cannot use the data folder %s: %s"
                            .formatted(data, StartFailure.sentence(unusable)));
        }
        Path folder = data.resolve("log");
        ClusterId identity =
                Replicas.verifyIdentity(new FolderIdentity(disk, folder), settings, store, random);
        LocalMetadataLog log =
                new LocalMetadataLog(
                        loop,
                        Replicas.thread("millrace-log", closing),
                        Replicas.thread("millrace-checkpoint", closing),
                        disk,
                        folder,
                        store,
                        settings.cluster(),
                        LocalLogSettings.DEFAULTS,
                        random);
        return new StandaloneNode(
                settings,
                version,
                data,
                Replicas.awaitCurrent(
                        MetadataReplica.open(
                                loop,
                                log,
                                ReplicaSettings.embedded(version.levels())
                                        .withGroupLife(settings.groups().offsetsRetention())
                                        .withMetadataBytes(
                                                MetadataShare.ofHeap(
                                                        Runtime.getRuntime().maxMemory())),
                                Membership.SINGLE_NODE,
                                new MetadataMetrics(registry),
                                random),
                        closing),
                identity,
                NodeSecret.random(random));
    }

    @Override
    public MetadataReplica metadata() {
        return metadata;
    }

    @Override
    public ClusterId identity() {
        return identity;
    }

    /** Returns a secret that no other process has. */
    @Override
    public NodeSecret secret() {
        return secret;
    }

    @Override
    public Set<Role> roles() {
        return ROLES;
    }

    @Override
    public String node() {
        return NODE;
    }

    @Override
    public boolean isLive() {
        return !metadata.stopped().isDone();
    }

    @Override
    public Duration leaseDuration() {
        return Duration.ZERO;
    }

    @Override
    public List<RegisteredNode> liveNodes() {
        return members;
    }

    @Override
    public void join(int grpcPort, Map<KafkaListener, Integer> kafkaPorts) {
        members =
                List.of(
                        new RegisteredNode(
                                NODE,
                                metadata.incarnation(),
                                ROLES,
                                "",
                                settings.host(),
                                grpcPort,
                                version.levels().newest(),
                                0,
                                version.name(),
                                AdvertisedAddress.kafka(settings, kafkaPorts),
                                0));
    }

    @Override
    public void withdraw() {}

    @Override
    public void leave() {
        members = List.of();
    }

    @Override
    public CompletableFuture<Problem> stopped() {
        return metadata.stopped();
    }

    @Override
    public String description() {
        return "data=%s bucket=%s".formatted(data, settings.bucket());
    }
}
