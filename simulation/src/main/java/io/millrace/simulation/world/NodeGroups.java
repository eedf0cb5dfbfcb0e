package io.millrace.simulation.world;

import io.millrace.fetch.FetchNode;
import io.millrace.group.Coordinators;
import io.millrace.group.GroupMetrics;
import io.millrace.group.LocalNode;
import io.millrace.group.admin.GroupAdmin;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.group.coordinator.GroupCoordinator;
import io.millrace.group.routing.RoutedSessions;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.etcd.EtcdMembership;
import io.millrace.metadata.membership.etcd.LeaseTenure;
import io.millrace.metadata.replica.MetadataReplica;
import java.time.InstantSource;
import java.util.SplittableRandom;

/** The consumer group services of one process. */
public record NodeGroups(
        GroupCoordinator coordinator,
        RoutedSessions routed,
        GroupCommits commits,
        GroupAdmin admin) {

    static NodeGroups open(
            SimulatedCluster cluster,
            NodeProcess process,
            EtcdMembership membership,
            MetadataReplica replica,
            FetchNode reads,
            InstantSource clock,
            GroupMetrics metrics,
            SplittableRandom random) {
        LeaseTenure tenure = new LeaseTenure(membership, replica::barrier);
        GroupCommits commits = new GroupCommits(replica, metrics);
        GroupCoordinator coordinator =
                new GroupCoordinator(
                        replica,
                        new LocalNode(
                                membership::nodes,
                                process::name,
                                tenure::isConfirmed,
                                NodeProcess.LEASE,
                                NodeGroups::servesKafka),
                        key -> "",
                        commits,
                        random,
                        metrics);
        coordinator.open();
        RoutedSessions routed =
                new RoutedSessions(
                        replica,
                        coordinator,
                        new PeerSessions(cluster, process, commits, random.split()),
                        new Coordinators(replica, membership::nodes, NodeGroups::servesKafka),
                        process::name);
        GroupAdmin admin = new GroupAdmin(replica, commits, reads::listOffsets, clock);
        return new NodeGroups(coordinator, routed, commits, admin);
    }

    /** Returns whether members of Kafka's groups can reach a node. */
    static boolean servesKafka(RegisteredNode node) {
        return node.servesKafka();
    }
}
