package io.millrace.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.ingest.IngestNode;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.ingest.commit.MergeBacklog;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.runtime.trace.Tracer;
import io.millrace.storage.stream.SealedObjectSink;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures the write path from batches to answers, without I/O. One operation is one block of 8
 * MiB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseG1GC"})
public class IngestBenchmark {

    private static final int BLOCK_BYTES = 8 << 20;

    @Param({"1024", "65536"})
    int batchBytes;

    @Param({"1", "1000", "10000"})
    int partitions;

    @Param({"false", "true"})
    boolean idempotent;

    /** {@code off}, or {@code idle}: on, without a traced request. */
    @Param({"off", "idle"})
    String tracing = "off";

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private ByteString batch = ByteString.EMPTY;
    private IngestNode node = node(1);
    private long acknowledged;
    private int next;

    @Setup(Level.Trial)
    public void setUp() {
        byte[] bytes = new byte[batchBytes];
        BatchHeader.write(
                bytes,
                0,
                batchBytes,
                idempotent
                        ? new BatchHeader.Fields(0, 1, 0, 0, 7, (short) 0, 0)
                        : BatchHeader.Fields.anonymous(0, 1, 0, 0));
        batch = UnsafeByteOperations.unsafeWrap(bytes);
        node = node(partitions);
    }

    @Benchmark
    public long oneBlock() {
        loop.call(() -> {
            for (int i = BLOCK_BYTES / batchBytes; i > 0; i--) {
                next = next + 1 == partitions ? 0 : next + 1;
                node.produce(1, "t", next, batch, this::done);
            }
        });
        return acknowledged;
    }

    private void done(ProduceOutcome outcome) {
        if (!(outcome instanceof ProduceOutcome.Acknowledged)) {
            throw new IllegalStateException(outcome.toString());
        }
        acknowledged++;
    }

    private static final class IdleTracer implements Tracer {
        @Override
        public boolean isOn() {
            return true;
        }

        @Override
        public TraceContext record(Span span) {
            throw new IllegalStateException("no request is traced");
        }
    }

    private IngestNode node(int count) {
        return new IngestNode(
                IngestSettings.of(IngestSettings.Profile.BALANCED, "bench", 64L << 20),
                new InstantMetadata(loop, count),
                new DiscardingObjectStore(),
                MergeBacklog.NONE,
                loop,
                () -> Instant.EPOCH,
                Runnable::run,
                SealedObjectSink.NONE,
                new IngestMetrics(new SimpleMeterRegistry()),
                tracing.equals("off") ? Tracer.OFF : new IdleTracer());
    }
}
