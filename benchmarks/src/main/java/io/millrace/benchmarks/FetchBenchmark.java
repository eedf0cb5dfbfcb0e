package io.millrace.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.fetch.FetchNode;
import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures the read path from a query to bytes in the transport's buffers, from memory. The score
 * is bytes per second; an invocation is one fetch of 8 MiB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseG1GC"})
public class FetchBenchmark {

    private static final int BLOCKS = 8;
    private static final long EVERYTHING = 256L << 20;

    /** A response for 1,000 partitions has space for only some of them. */
    private static final int PARTITIONS_SERVED = WrittenTopic.BLOCK_BYTES >> 16;

    /** Blocks that this process wrote, or cached chunks of the bucket. */
    @Param({"blocks", "chunks"})
    String cache = "";

    @Param({"1024", "65536"})
    int batchBytes;

    @Param({"1", "1000"})
    int partitions;

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final TransportBuffer transport = new TransportBuffer();
    private final List<FetchQuery> queries = new ArrayList<>();
    private FetchNode node = over(new WrittenTopic(loop, 1, 1024, 0));
    private int next;

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        WrittenTopic topic = new WrittenTopic(loop, partitions, batchBytes, BLOCKS);
        node = over(topic);
        if (cache.equals("blocks")) {
            topic.blocks().forEach(node::offer);
        }
        loop.runReady();
        for (int i = 0; i < BLOCKS; i++) {
            queries.add(partitions == 1 ? block(i) : fromPartition(i * PARTITIONS_SERVED));
        }
        for (int i = 0; i < BLOCKS; i++) {
            fetch();
        }
    }

    private FetchNode over(WrittenTopic topic) {
        return new FetchNode(
                FetchSettings.of(WrittenTopic.CLUSTER, EVERYTHING, EVERYTHING),
                topic.metadata().metadata(),
                topic.bucket(),
                loop,
                new FetchMetrics(new SimpleMeterRegistry()));
    }

    private FetchQuery block(int number) {
        long offset = (long) number * WrittenTopic.BLOCK_BYTES / batchBytes;
        return query(List.of(new FetchQuery.PartitionQuery("t", 0, offset, 0)));
    }

    private FetchQuery fromPartition(int first) {
        List<FetchQuery.PartitionQuery> asked = new ArrayList<>(partitions);
        for (int i = 0; i < partitions; i++) {
            asked.add(new FetchQuery.PartitionQuery("t", (first + i) % partitions, 0, 0));
        }
        return query(asked);
    }

    private static FetchQuery query(List<FetchQuery.PartitionQuery> asked) {
        return new FetchQuery(asked, Duration.ZERO, 1, WrittenTopic.BLOCK_BYTES);
    }

    @Benchmark
    @OperationsPerInvocation(WrittenTopic.BLOCK_BYTES)
    public long fetch() throws IOException {
        next = (next + 1) % BLOCKS;
        List<CompletableFuture<FetchResult>> answer = new ArrayList<>(1);
        loop.call(() -> answer.add(node.fetch(queries.get(next))));
        long before = transport.written;
        for (PartitionResult part : answer.getFirst().join().partitions()) {
            if (!(part instanceof PartitionResult.Fetched fetched)) {
                throw new IllegalStateException(part.toString());
            }
            fetched.batches().writeTo(transport);
        }
        if (transport.written - before != WrittenTopic.BLOCK_BYTES) {
            throw new IllegalStateException((transport.written - before) + " bytes");
        }
        return transport.written;
    }

    /** Copies the written bytes into a buffer that fits the processor's cache, as gRPC does. */
    private static final class TransportBuffer extends OutputStream {

        private final byte[] buffer = new byte[64 << 10];
        private int used;
        long written;

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            int at = offset;
            while (at < offset + length) {
                int some = Math.min(offset + length - at, buffer.length - used);
                System.arraycopy(from, at, buffer, used, some);
                used = (used + some) % buffer.length;
                at += some;
            }
            written += length;
        }
    }
}
