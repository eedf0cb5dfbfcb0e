package io.millrace.server.kafka;

import io.millrace.kafka.connection.ConnectionMetrics;
import io.millrace.kafka.connection.KafkaPipeline;
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
import java.util.concurrent.TimeUnit;

/** The Kafka port of a node. Any thread. */
public final class KafkaEndpoint {

    private static final int BACKLOG = 1024;

    /** The parts of answers that wait for a client are at most one above the upper mark. */
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(64 << 10, 256 << 10);

    private final Channel server;
    private final ChannelGroup connections;

    private KafkaEndpoint(Channel server, ChannelGroup connections) {
        this.server = server;
        this.connections = connections;
    }

    /**
     * Starts to serve.
     *
     * @param loops the event loops of the connections; the caller shuts them down
     * @param maxConnections the number of open connections at which a further one is closed at once
     * @throws IOException if the address cannot be bound
     */
    public static KafkaEndpoint start(
            InetSocketAddress address,
            EventLoopGroup loops,
            KafkaPipeline pipeline,
            int maxConnections,
            ConnectionMetrics metrics)
            throws IOException {
        metrics.limit(maxConnections);
        ChannelGroup connections = new DefaultChannelGroup(loops.next(), true);
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
        return new KafkaEndpoint(bound.channel(), connections);
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Accepts no new connections. */
    public void stopAccepting() {
        server.close();
    }

    /** Closes all connections and waits for that, up to the timeout. */
    public void close(long timeoutMillis) {
        server.close().awaitUninterruptibly(timeoutMillis);
        connections.close().awaitUninterruptibly(timeoutMillis, TimeUnit.MILLISECONDS);
    }
}
