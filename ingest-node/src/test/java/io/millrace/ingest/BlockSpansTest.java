package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.runtime.trace.RecordingTracer;
import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The spans of blocks with traced requests. */
class BlockSpansTest {

    private static final int MAX_LINKS = 32;

    private final RecordingTracer tracer = new RecordingTracer();
    private final IngestFixture ingest = new IngestFixture(tracer);

    /** A reply that records the span of its request, as the edge of a node does. */
    private final class TracedReply implements ProduceReply {
        private final long acceptedNanos = ingest.loop.nanoTime();
        private Optional<TraceContext> span = Optional.empty();

        @Override
        public void complete(ProduceOutcome outcome) {
            span =
                    Optional.of(
                            tracer.record(
                                    Span.request(
                                            "produce", acceptedNanos, ingest.loop.nanoTime())));
        }

        @Override
        public Optional<TraceContext> span() {
            return span;
        }
    }

    private void produceTraced(int partition, String value) {
        TracedReply reply = new TracedReply();
        ingest.loop.call(() -> ingest.node.produce(1, "t", partition, Batches.of(value), reply));
    }

    @Test
    void aTracedBatchIsTheTreeOfItsSteps() {
        produceTraced(0, "a");
        ingest.pass(100);
        assertThat(tracer.tree(Optional.empty()))
                .isEqualTo(
                        """
                        produce 8 ms
                          block 7 ms
                            wait 0 ms
                            upload 5 ms
                            order 0 ms
                            append 2 ms
                            apply 0 ms
                        """);
        Span block = tracer.named("block").getFirst();
        String key = ingest.bucket.keys().iterator().next().toString();
        assertThat(block.attributes()).contains(new Span.Attribute.Text("millrace.object", key));
        assertThat(block.links()).isEqualTo(tracer.contextsOf("produce"));
    }

    @Test
    void theStepsFollowEachOtherWithoutGaps() {
        produceTraced(0, "a");
        ingest.pass(100);
        List<Span> steps = new ArrayList<>();
        for (String step : List.of("wait", "upload", "order", "append", "apply")) {
            steps.add(tracer.named(step).getFirst());
        }
        for (int i = 1; i < steps.size(); i++) {
            assertThat(steps.get(i).period().startNanos())
                    .as(steps.get(i).name())
                    .isEqualTo(steps.get(i - 1).period().endNanos());
        }
    }

    @Test
    void aBlockIsLinkedToAtMost32OfItsTracedRequests() {
        ingest.produce(0, "untraced");
        for (int i = 0; i < MAX_LINKS + 10; i++) {
            produceTraced(i % 4, "v" + i);
        }
        ingest.pass(100);
        assertThat(tracer.named("produce")).hasSize(MAX_LINKS + 10);
        assertThat(tracer.named("block")).hasSize(1);
        assertThat(tracer.named("block").getFirst().links())
                .hasSize(MAX_LINKS)
                .isSubsetOf(tracer.contextsOf("produce"));
    }

    @Test
    void packedRequestsOfOneBatchAreAllLinked() {
        ByteString records =
                RecordSet.newBuilder()
                        .addRecords(Record.newBuilder().setValue(ByteString.copyFromUtf8("v")))
                        .build()
                        .toByteString();
        for (int i = 0; i < 2; i++) {
            TracedReply reply = new TracedReply();
            ingest.loop.call(() -> ingest.node.produceRecords(1, "t", 0, records, reply));
        }
        ingest.pass(100);
        assertThat(tracer.named("block").getFirst().links())
                .isEqualTo(tracer.contextsOf("produce"))
                .hasSize(2);
    }

    @Test
    void aBlockWithoutTracedRequestsHasNoSpan() {
        ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(tracer.spans()).isEmpty();
    }

    @Test
    void aFailedUploadIsTheLastStep() {
        ingest.store.next(Fault.failing(new ObjectStoreException.Full("full", null)));
        produceTraced(0, "a");
        ingest.pass(100);
        assertThat(tracer.tree(Optional.empty()).lines().map(String::strip))
                .filteredOn(line -> line.endsWith("!"))
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactly("block", "upload");
        assertThat(tracer.named("append")).isEmpty();
        assertThat(tracer.named("upload").getFirst().failure().orElseThrow()).contains("full");
    }
}
