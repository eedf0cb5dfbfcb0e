package io.millrace.server.kafka;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.kafka.connection.ConnectionMetrics;
import io.millrace.kafka.connection.KafkaPipeline;
import io.millrace.metadata.membership.KafkaListener;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The Kafka listeners of a node, which share one limit of connections. Opened by one thread; other
 * methods may be called by any thread.
 */
public final class KafkaEndpoint {

    private static final int BACKLOG = 1024;

    /** The parts of answers that wait for a client are at most one above the upper mark. */
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(64 << 10, 256 << 10);

    private final EventLoopGroup loops;
    private final int maxConnections;
    private final ChannelGroup connections;
    private final Map<KafkaListener, Channel> servers = new ConcurrentHashMap<>();

    /**
     * @param loops the event loops of the connections; the caller shuts them down
     * @param maxConnections the number of open connections at which a further one is closed at once
     */
    public KafkaEndpoint(EventLoopGroup loops, int maxConnections, MeterRegistry registry) {
        this.loops = loops;
        this.maxConnections = maxConnections;
        this.connections = new DefaultChannelGroup(loops.next(), true);
        Gauge.builder("millrace.kafka.connections.limit", () -> maxConnections).register(registry);
    }

    /**
     * Starts to serve on a listener.
     *
     * @throws IOException if the address cannot be bound
     */
    public void open(
            KafkaListener listener,
            InetSocketAddress address,
            KafkaPipeline pipeline,
            ConnectionMetrics metrics)
            throws IOException {
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, MARKS)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        if (connections.size() >= maxConnections) {
                                            metrics.refused();
                                            channel.close();
                                        } else {
                                            connections.add(channel);
                                            channel.pipeline().addLast(pipeline);
                                        }
                                    }
                                })
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw bound.cause() instanceof IOException taken
                    ? taken
                    : new IOException(bound.cause());
        }
        servers.put(listener, bound.channel());
    }

    /** Returns the ports of the open listeners. */
    public Map<KafkaListener, Integer> ports() {
        Map<KafkaListener, Integer> ports = new EnumMap<>(KafkaListener.class);
        servers.forEach((listener, server) ->
                ports.put(listener, ((InetSocketAddress) server.localAddress()).getPort()));
        return ports;
    }

    /** Accepts no new connections. */
    public void stopAccepting() {
        servers.values().forEach(Channel::close);
    }

    /** Closes all connections and waits for that, up to the timeout. */
    public void close(long timeoutMillis) {
        for (Channel server : servers.values()) {
            server.close().awaitUninterruptibly(timeoutMillis);
        }
        connections.close().awaitUninterruptibly(timeoutMillis, TimeUnit.MILLISECONDS);
    }
}
