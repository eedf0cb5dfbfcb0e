package io.millrace.server.grpc;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.server.grpc.call.ConnectionIds;
import io.millrace.server.grpc.call.GrpcService;
import io.millrace.server.grpc.call.WireBytes;
import io.millrace.server.grpc.flow.ConnectionWindows;
import io.millrace.server.grpc.flow.InboundLimit;
import io.millrace.server.grpc.flow.InboundMemory;
import io.millrace.server.grpc.flow.OpenCalls;
import io.millrace.server.grpc.flow.WindowedServerChannel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The gRPC server: the services on a port, with the standard health and reflection services. */
public final class GrpcEndpoint {

    private static final int MAX_STREAMS_ON_A_CONNECTION = 4096;

    private final Server server;
    private final HealthStatusManager health;
    private final OpenCalls calls;
    private final InboundLimit limit;
    private final ConnectionWindows windows;

    private GrpcEndpoint(
            Server server,
            HealthStatusManager health,
            OpenCalls calls,
            InboundLimit limit,
            ConnectionWindows windows) {
        this.server = server;
        this.health = health;
        this.calls = calls;
        this.limit = limit;
        this.windows = windows;
    }

    /**
     * Begins to serve.
     *
     * @param loops carry the connections; the caller shuts them down
     * @param owner the loop on which all handlers answer
     * @throws IOException if the address is not to be had
     */
    public static GrpcEndpoint start(
            InetSocketAddress address,
            EventLoopGroup loops,
            EventLoop owner,
            InboundMemory inbound,
            ConnectionIds connections,
            List<GrpcService> services)
            throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        ConnectionWindows windows = new ConnectionWindows(inbound.windowBytes());
        InboundLimit limit = new InboundLimit(owner, WireBytes.LIMIT, inbound, windows);
        OpenCalls calls = new OpenCalls(owner);
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(address)
                        .bossEventLoopGroup(loops)
                        .workerEventLoopGroup(loops)
                        .channelFactory(() -> new WindowedServerChannel(windows, limit))
                        .directExecutor()
                        .flowControlWindow(ConnectionWindows.MIN)
                        .maxConcurrentCallsPerConnection(MAX_STREAMS_ON_A_CONNECTION)
                        // InboundLimit answers in our own words before this would cut off.
                        .maxInboundMessageSize(Integer.MAX_VALUE)
                        .addStreamTracerFactory(limit)
                        // The one that is given last goes first.
                        .intercept(limit)
                        .intercept(calls)
                        .addTransportFilter(connections)
                        // A peer that vanished holds memory until it is noticed.
                        .keepAliveTime(1, TimeUnit.MINUTES)
                        .permitKeepAliveTime(10, TimeUnit.SECONDS)
                        .permitKeepAliveWithoutCalls(true)
                        .addService(health.getHealthService())
                        .addService(ProtoReflectionServiceV1.newInstance());
        services.forEach(service -> builder.addService(service.bind()));
        return new GrpcEndpoint(builder.build().start(), health, calls, limit, windows);
    }

    /** The port it listens on. */
    public int port() {
        return server.getPort();
    }

    /** Bytes of requests that have arrived in part. Any thread. */
    public long arrivingBytes() {
        return limit.arrivingBytes();
    }

    /** Connections that wait for their turn to send on. Any thread. */
    public int waitingConnections() {
        return limit.waiting();
    }

    /** Calls that were ended because of the memory that requests take. Any thread. */
    public long rejectedCalls() {
        return limit.rejected();
    }

    /** Connections that are open. Any thread. */
    public int connections() {
        return windows.connections();
    }

    /** Connections that were refused because there were too many. Any thread. */
    public long refusedConnections() {
        return windows.rejected();
    }

    /** Tells those who watch the health service that it ends, and takes no new connections. */
    public void stopAccepting() {
        health.enterTerminalState();
        server.shutdown();
    }

    /**
     * Tells the callers of what is left that it ends; returns when all connections are gone. Those
     * that do not listen are cut off after the time given.
     */
    public void close(long timeoutMillis) {
        server.shutdown();
        calls.end();
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
