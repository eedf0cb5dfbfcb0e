package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.runtime.disk.Disk;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.trace.Tracer;
import io.millrace.server.grpc.access.AccessControl;
import io.millrace.server.grpc.admin.ClusterView;
import io.millrace.server.grpc.auth.NodeAuthentication;
import io.millrace.server.grpc.call.NodeChannels;
import io.millrace.server.grpc.peer.GrpcPeers;
import io.millrace.server.grpc.tls.GrpcTls;
import io.millrace.server.settings.ServerSettings;
import io.millrace.storage.object.ObjectStore;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * Components of every node, independent of its roles.
 *
 * @param tls TLS of the gRPC port and of calls to other nodes; empty for plaintext
 * @param channels the channels to other nodes
 * @param workers the threads that compress blocks, check objects and decode batches
 */
record NodeContext(
        ServerSettings settings,
        NodeMembership status,
        EventLoops loops,
        ExecutorService workers,
        Disk disk,
        ObjectStore bucket,
        NodeAuthentication authentication,
        Optional<GrpcTls> tls,
        NodeChannels channels,
        AccessControl access,
        GrpcPeers peers,
        ClusterView view,
        SecureRandom random,
        NodeMemory memory,
        Tracer tracer,
        NodeMetrics metrics,
        CloseStack closing) {

    MetadataReplica metadata() {
        return status.metadata();
    }

    EventLoop loop() {
        return loops.owner();
    }

    String cluster() {
        return settings.cluster();
    }

    MeterRegistry registry() {
        return metrics.registry();
    }

    /** Returns the number of extents in memory at which nodes reject producers. */
    long maxExtents() {
        return settings.merges().maxExtents(memory.heapBytes());
    }
}
