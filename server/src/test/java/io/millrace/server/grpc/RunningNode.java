package io.millrace.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.server.grpc.auth.NodeCredentials;
import io.millrace.server.node.Node;
import io.millrace.server.settings.ServerSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A whole node in the test's process, with a topic {@code t} of one partition. */
public final class RunningNode implements AutoCloseable {

    public static final int BATCH_BYTES = 1 << 20;
    public static final long DIRECT_BYTES = 120L << 20;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Node node;

    public RunningNode(Path folder) {
        this(folder, DIRECT_BYTES);
    }

    /**
     * @param directBytes the direct memory that the node assumes for its connections
     */
    RunningNode(Path folder, long directBytes) {
        Map<String, String> settings = new HashMap<>();
        settings.put("millrace.data", folder.toString());
        settings.put("millrace.grpc-port", "0");
        settings.put("millrace.kafka-port", "off");
        node =
                Node.open(
                        ServerSettings.standalone(key -> Optional.ofNullable(settings.get(key))),
                        registry,
                        directBytes);
        node.compact();
        AdminGrpc.newBlockingStub(connect())
                .createTopic(CreateTopicRequest.newBuilder().setName("t").build());
    }

    /** Returns a new connection, closed with the node. */
    public ManagedChannel connect() {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("localhost", node.grpcPort())
                        .usePlaintext()
                        .maxInboundMessageSize(Integer.MAX_VALUE)
                        // A larger window would hide the data that tests expect to be waiting.
                        .flowControlWindow(64 << 10)
                        .build();
        channels.add(channel);
        return channel;
    }

    /** Stores batches of about {@link #BATCH_BYTES} each. */
    public void produce(int batches) {
        for (int i = 0; i < batches; i++) {
            IngestGrpc.newBlockingStub(channels.getFirst()).produce(produceRequest());
        }
    }

    /** Returns a request with a batch of about {@link #BATCH_BYTES}. */
    static ProduceRequest produceRequest() {
        MemoryRecords made =
                MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(0L, null, new byte[BATCH_BYTES - 100]));
        byte[] bytes = new byte[made.sizeInBytes()];
        made.buffer().duplicate().get(bytes);
        return ProduceRequest.newBuilder()
                .setTopic("t")
                .setBatch(UnsafeByteOperations.unsafeWrap(bytes))
                .build();
    }

    public static FetchRequest.Builder fetchFrom(long offset) {
        return FetchRequest.newBuilder()
                .addPartitions(FetchPartition.newBuilder().setTopic("t").setOffset(offset));
    }

    /** Returns the credentials of the node, also valid for calls to itself. */
    public NodeCredentials credentials() {
        return node.credentials();
    }

    double counter(String name) {
        return registry.get(name).functionCounter().count();
    }

    public double count(String name) {
        return registry.get(name).counter().count();
    }

    /** Returns the requests that were counted for a gRPC method. */
    long requests(String method) {
        return registry.get("millrace.grpc.request").tag("method", method).timer().count();
    }

    /** Returns the errors that were counted for a gRPC method. */
    double errors(String method, String reason) {
        Counter counter =
                registry.find("millrace.grpc.errors")
                        .tags("method", method, "reason", reason)
                        .counter();
        return counter == null ? 0 : counter.count();
    }

    public double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    public void awaitGauge(String name, double wanted) {
        await(() -> gauge(name) == wanted);
        assertThat(gauge(name)).isEqualTo(wanted);
    }

    public static void await(BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNanos >= 0) {
                fail("the condition does not hold after 60 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    /** Stops accepting requests and notifies connected clients. */
    public void drain() {
        node.drain();
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        node.close();
    }
}
