package io.millrace.server.grpc;

import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.millrace.runtime.limit.FairLimit;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.access.AccessControl;
import io.millrace.server.grpc.access.AccessInterceptor;
import io.millrace.server.grpc.auth.CallAuthentication;
import io.millrace.server.grpc.auth.CallExpiry;
import io.millrace.server.grpc.auth.ClientAuthentication;
import io.millrace.server.grpc.call.CallMetrics;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.SmallMessages;
import io.millrace.server.grpc.call.WireBytes;
import io.millrace.server.grpc.flow.ConnectionTable;
import io.millrace.server.grpc.flow.ConnectionWindows;
import io.millrace.server.grpc.flow.InboundLimit;
import io.millrace.server.grpc.flow.InboundMemory;
import io.millrace.server.grpc.flow.OpenCalls;
import io.millrace.server.grpc.flow.WindowedServerChannel;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A gRPC server of a node, with the standard health and reflection services. Any thread may read
 * the counters.
 */
public final class GrpcEndpoint {

    private static final int MAX_STREAMS_ON_A_CONNECTION = 4096;

    private static final DecompressorRegistry UNCOMPRESSED_ONLY =
            DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);

    private final Server server;
    private final HealthStatusManager health;
    private final OpenCalls calls;
    private final FairLimit callLimit;
    private final InboundLimit limit;
    private final ConnectionWindows windows;
    private final ConnectionTable table;

    private GrpcEndpoint(
            Server server,
            HealthStatusManager health,
            OpenCalls calls,
            FairLimit callLimit,
            InboundLimit limit,
            ConnectionWindows windows,
            ConnectionTable table) {
        this.server = server;
        this.health = health;
        this.calls = calls;
        this.callLimit = callLimit;
        this.limit = limit;
        this.windows = windows;
        this.table = table;
    }

    /**
     * Starts to serve.
     *
     * @param loops the event loops of the connections; the caller shuts them down
     * @param owner the loop on which all handlers respond
     * @param authentication empty to serve all clients; the health service needs none
     * @param access the rights and quotas of callers
     * @throws IOException if the address cannot be bound
     */
    public static GrpcEndpoint start(
            GrpcListener listener,
            EventLoopGroup loops,
            EventLoop owner,
            InboundMemory inbound,
            ConnectionIds connections,
            CallMetrics metrics,
            Optional<ClientAuthentication> authentication,
            AccessControl access,
            List<GrpcService> services)
            throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        ConnectionWindows windows = new ConnectionWindows(inbound.windowBytes());
        ConnectionTable table = new ConnectionTable();
        InboundLimit limit = new InboundLimit(owner, WireBytes.LIMIT, inbound, windows);
        FairLimit callLimit = new FairLimit(inbound.maxCalls());
        OpenCalls calls = new OpenCalls(owner, callLimit);
        Consumer<Channel> observer =
                listener.tls()
                        .<Consumer<Channel>>map(tls -> tls.handshakes()::observe)
                        .orElse(any -> {});
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(listener.address())
                        .bossEventLoopGroup(loops)
                        .workerEventLoopGroup(loops)
                        .channelFactory(() ->
                                new WindowedServerChannel(
                                        windows, table, limit, owner::nanoTime, observer))
                        .handshakeTimeout(
                                listener.handshakeTimeout().toNanos(), TimeUnit.NANOSECONDS)
                        .directExecutor()
                        .flowControlWindow(ConnectionWindows.MIN)
                        .maxConcurrentCallsPerConnection(MAX_STREAMS_ON_A_CONNECTION)
                        // InboundLimit rejects large messages with a Problem before this limit
                        // would reset the stream.
                        .maxInboundMessageSize(Integer.MAX_VALUE)
                        // A compressed message could be a thousand times as large on the heap.
                        .decompressorRegistry(UNCOMPRESSED_ONLY)
                        .addStreamTracerFactory(limit)
                        .addTransportFilter(connections)
                        // A vanished peer holds memory until it is detected.
                        .keepAliveTime(1, TimeUnit.MINUTES)
                        .permitKeepAliveTime(10, TimeUnit.SECONDS)
                        .permitKeepAliveWithoutCalls(true)
                        .addService(SmallMessages.of(health.getHealthService().bindService()))
                        .addService(
                                SmallMessages.of(
                                        ProtoReflectionServiceV1.newInstance().bindService()));
        listener.tls().ifPresent(tls -> tls.apply(builder));
        // Interceptors run in reverse order of registration.
        builder.intercept(new AccessInterceptor(access, owner));
        authentication.ifPresent(clients ->
                builder.intercept(new CallExpiry(owner, clients.clock(), access.audit())));
        builder.intercept(limit).intercept(calls);
        authentication.ifPresent(clients -> authenticate(builder, clients, services));
        builder.intercept(metrics);
        for (GrpcService service : services) {
            ServerServiceDefinition bound = service.bind();
            metrics.register(bound);
            builder.addService(bound);
        }
        return new GrpcEndpoint(
                builder.build().start(), health, calls, callLimit, limit, windows, table);
    }

    private static void authenticate(
            NettyServerBuilder builder, ClientAuthentication clients, List<GrpcService> services) {
        Set<String> open = new HashSet<>(Set.of(HealthGrpc.SERVICE_NAME));
        for (GrpcService service : services) {
            if (service.audience() == GrpcService.Audience.NODES) {
                open.add(service.bind().getServiceDescriptor().getName());
            }
        }
        CallAuthentication calls =
                new CallAuthentication(
                        clients.authenticator(), clients.listener(), open, clients.clock());
        builder.intercept(calls).addTransportFilter(calls);
    }

    public int port() {
        return server.getPort();
    }

    public long inboundBytes() {
        return limit.inboundBytes();
    }

    public int waitingConnections() {
        return limit.waitingConnections();
    }

    public long rejectedCalls() {
        return limit.rejected() + callLimit.rejected();
    }

    /** Returns the limit of received bytes, for connections of other protocols. */
    public InboundLimit inbound() {
        return limit;
    }

    public int connections() {
        return windows.connections();
    }

    public long refusedConnections() {
        return windows.rejected();
    }

    public long evictedConnections() {
        return table.evicted();
    }

    /** Sets the status of the health service, until {@link #stopAccepting}. */
    public void reportReady(boolean ready) {
        health.setStatus(
                HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
                ready
                        ? HealthCheckResponse.ServingStatus.SERVING
                        : HealthCheckResponse.ServingStatus.NOT_SERVING);
    }

    /** Sets the health service to NOT_SERVING and accepts no new connections. */
    public void stopAccepting() {
        health.enterTerminalState();
        server.shutdown();
    }

    /**
     * Ends the remaining calls and waits until all connections are closed; cuts off connections
     * that are open after the timeout.
     */
    public void close(long timeoutMillis) {
        server.shutdown();
        calls.endAll();
        try {
            if (!server.awaitTermination(timeoutMillis, TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                server.awaitTermination(timeoutMillis, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
