package io.millrace.benchmarks;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures {@code apply} on one core. One operation is one batch item of a block with 1,000 items.
 * Each iteration starts with a new state, which limits its growth.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms3g", "-Xmx3g", "-XX:+UseSerialGC"})
public class ApplyBenchmark {

    private static final int ITEMS = 1000;

    @Param({"1", "1000"})
    int partitions;

    @Param({"false", "true"})
    boolean idempotent;

    private MetadataState state = new MetadataState();
    private long topic;
    private long producer;
    private long blocks;

    @Setup(Level.Iteration)
    public void setUp() {
        state = new MetadataState();
        state.apply(
                new Entry(
                        1,
                        1,
                        List.of(
                                new Command.TopicCreated("t", partitions, Map.of()),
                                new Command.ProducerIdsAllocated(1))));
        topic = state.topics().named("t").orElseThrow().id();
        producer = 0;
        blocks = 0;
    }

    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public ApplyResult apply() {
        List<BatchItem> items = new ArrayList<>(ITEMS);
        int each = ITEMS / partitions;
        for (int i = 0; i < ITEMS; i++) {
            int sequence = (int) (blocks * each) + i / partitions;
            ProducerStamp stamp =
                    idempotent
                            ? new ProducerStamp(producer, (short) 0, sequence)
                            : ProducerStamp.NONE;
            items.add(
                    new BatchItem(topic, i % partitions, 1, 16 + 1000L * i, 900, 1_000 + i, stamp));
        }
        ObjectRef object =
                new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 1, blocks), 1_100_000, 1_200_000);
        blocks++;
        return state.apply(
                new Entry(1, blocks + 1, List.of(new Command.BlockCommitted(object, 1, items))));
    }
}
