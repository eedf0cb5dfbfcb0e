package io.millrace.cli.bench;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.protocol.v1.FetchGrpc;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceResult;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.ProduceStreamResponse;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/**
 * Connections that put the maximum load on a server: producers fill every granted window, readers
 * request much and read nothing. They share one event loop.
 */
final class StressConnections implements AutoCloseable {

    private final List<String> servers;
    private final UnaryOperator<NettyChannelBuilder> security;
    private final String topic;
    private final int partitions;
    private final List<Payloads.ReadyBatch> batches;
    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final LongAdder storedBytes = new LongAdder();
    private final LongAdder storedBatches = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder endedStreams = new LongAdder();
    private volatile boolean closed;

    /**
     * @param servers assigned to connections in turn
     */
    StressConnections(
            List<String> servers,
            UnaryOperator<NettyChannelBuilder> security,
            String topic,
            int partitions,
            List<Payloads.ReadyBatch> batches) {
        this.security = security;
        this.servers = List.copyOf(servers);
        this.topic = topic;
        this.partitions = partitions;
        this.batches = batches;
    }

    long storedBytes() {
        return storedBytes.sum();
    }

    long storedBatches() {
        return storedBatches.sum();
    }

    long rejected() {
        return rejected.sum();
    }

    long endedStreams() {
        return endedStreams.sum();
    }

    /** Adds a connection that sends batches whenever the transport accepts them. */
    void addProducer(int number) {
        new StressProducer(connect(number), number).start();
    }

    void addStuckReader(int number, int fetches) {
        ManagedChannel channel = connect(number);
        for (int i = 0; i < fetches; i++) {
            FetchRequest.Builder request = FetchRequest.newBuilder().setMaxBytes(64 << 20);
            for (int p = 0; p < Math.min(partitions, 100); p++) {
                request.addPartitions(
                        FetchPartition.newBuilder()
                                .setTopic(topic)
                                .setPartition((number * 100 + p) % partitions));
            }
            ClientCall<FetchRequest, FetchResponse> call =
                    channel.newCall(FetchGrpc.getFetchMethod(), CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            call.sendMessage(request.build());
            call.halfClose();
        }
    }

    private ManagedChannel connect(int number) {
        ManagedChannel channel =
                security.apply(NettyChannelBuilder.forTarget(servers.get(number % servers.size())))
                        .eventLoopGroup(loop)
                        .channelType(NioSocketChannel.class)
                        .directExecutor()
                        .flowControlWindow(64 << 10)
                        .maxInboundMessageSize(128 << 20)
                        .build();
        channels.add(channel);
        return channel;
    }

    @Override
    public void close() {
        closed = true;
        channels.forEach(ManagedChannel::shutdownNow);
        loop.shutdownGracefully();
    }

    /** A stream of batches, reopened when it ends. Owned by the event loop. */
    private final class StressProducer extends ClientCall.Listener<ProduceStreamResponse> {

        private final ManagedChannel channel;
        private long next;
        private ClientCall<ProduceStreamRequest, ProduceStreamResponse> call;

        StressProducer(ManagedChannel channel, int number) {
            this.channel = channel;
            this.next = number;
            this.call = channel.newCall(IngestGrpc.getProduceStreamMethod(), CallOptions.DEFAULT);
        }

        void start() {
            call.start(this, new Metadata());
            call.request(1000);
        }

        @Override
        public void onReady() {
            while (call.isReady() && !closed) {
                Payloads.ReadyBatch batch = batches.get((int) (next % batches.size()));
                call.sendMessage(
                        ProduceStreamRequest.newBuilder()
                                .setCorrelationId(batch.bytes().length)
                                .addRequests(
                                        ProduceRequest.newBuilder()
                                                .setTopic(topic)
                                                .setPartition((int) (next % partitions))
                                                .setBatch(
                                                        UnsafeByteOperations.unsafeWrap(
                                                                batch.bytes())))
                                .build());
                next += 7;
            }
        }

        @Override
        public void onMessage(ProduceStreamResponse response) {
            call.request(1);
            for (ProduceResult result : response.getResultsList()) {
                if (result.hasAck()) {
                    storedBytes.add(response.getCorrelationId());
                    storedBatches.increment();
                } else {
                    rejected.increment();
                }
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!closed) {
                endedStreams.increment();
                call = channel.newCall(IngestGrpc.getProduceStreamMethod(), CallOptions.DEFAULT);
                start();
            }
        }
    }
}
