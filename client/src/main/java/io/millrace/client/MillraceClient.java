package io.millrace.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.protocol.Edge;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * A client of one Millrace server (or of a name behind which there are several). It has one I/O
 * thread and connects when it is first used. Thread-safe.
 */
@Edge("makes the client's thread and randomness, and reads the machine's clock for its producers")
public final class MillraceClient implements AutoCloseable {

    private final ClientSettings settings;
    private final EventLoopGroup group;
    private final IoThread io;
    private final Connection connection;
    private final Topics topics;

    private MillraceClient(ClientSettings settings) {
        this.settings = settings;
        this.group = new NioEventLoopGroup(1, new DefaultThreadFactory("millrace-client", true));
        this.io = new IoThread(group.next());
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < settings.connections(); i++) {
            channels.add(channel());
        }
        this.connection = new Connection(settings.address(), channels);
        this.topics = new Topics(connection, settings.requestTimeout());
    }

    private ManagedChannel channel() {
        ClientSettings.Address address = ClientSettings.Address.parse(settings.address());
        return NettyChannelBuilder.forAddress(address.host(), address.port())
                .usePlaintext()
                .eventLoopGroup(group)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .flowControlWindow(settings.flowControlWindowBytes())
                .maxInboundMessageSize(settings.maxMessageBytes())
                .build();
    }

    /**
     * @param address {@code HOST:PORT}
     */
    public static MillraceClient connect(String address) {
        return connect(ClientSettings.of(address));
    }

    public static MillraceClient connect(ClientSettings settings) {
        return new MillraceClient(settings);
    }

    public String address() {
        return settings.address();
    }

    public Topics topics() {
        return topics;
    }

    /** A producer with the default settings. The caller closes it. */
    public Producer producer() {
        return producer(ProducerSettings.defaults());
    }

    /** A producer. The caller closes it. */
    public Producer producer(ProducerSettings producerSettings) {
        return new Producer(
                producerSettings, io, InstantSource.system(), topics, connection, backoff());
    }

    /** A reader of some partitions, each from its start. The caller closes it. */
    public Reader reader(ReaderSettings readerSettings, Map<TopicPartition, StartAt> partitions) {
        return new Reader(readerSettings, io, connection, partitions, backoff());
    }

    private static Backoff backoff() {
        return Backoff.ofCalls(new SplittableRandom());
    }

    /**
     * Ends the connections. Producers and readers should be closed before: what a producer has not
     * stored fails now, and so does a reader's poll.
     */
    @Override
    public void close() {
        connection.shutdownNow();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
