package io.millrace.server.grpc.produce;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.millrace.ingest.block.CommitTiming;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.runtime.trace.RecordingTracer;
import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.runtime.trace.TraceSampler;
import io.millrace.runtime.trace.Tracer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ProduceTracingTest {

    private static final String CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String OTHER = "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203332-01";

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final RecordingTracer tracer = new RecordingTracer();
    private final List<ProduceOutcome> outcomes = new ArrayList<>();
    private final ProduceReply reply = outcomes::add;

    private ProduceTracing tracing(Tracer to) {
        return new ProduceTracing(
                to, new TraceSampler(0, new SplittableRandom(1), loop::nanoTime), loop);
    }

    private static ProduceMessage request(String traceparent) {
        return new ProduceMessage(
                "t", 3, ProduceMessage.Payload.BATCH, ByteString.EMPTY, false, traceparent);
    }

    private static ProduceOutcome acknowledged() {
        return new ProduceOutcome.Acknowledged(7, 0, false, new CommitTiming(1, 2, 3, 4));
    }

    @Test
    void aTracedRequestIsASpanWithItsPhases() {
        ProduceReply traced = tracing(tracer).decorate(request(CONTEXT), Optional.empty(), reply);
        assertThat(traced.span()).isEmpty();
        long accepted = loop.nanoTime();
        loop.advance(Duration.ofNanos(10));
        traced.complete(acknowledged());
        Span span = tracer.spans().getFirst();
        assertThat(span.parent()).isEqualTo(TraceContext.parse(CONTEXT));
        assertThat(span.period()).isEqualTo(new Span.Period(accepted, accepted + 10));
        assertThat(span.events())
                .containsExactly(
                        new Span.Event("sealed", accepted + 1),
                        new Span.Event("uploaded", accepted + 3),
                        new Span.Event("durable", accepted + 6));
        assertThat(span.attributes()).contains(new Span.Attribute.Number("millrace.offset", 7));
        assertThat(outcomes).containsExactly(acknowledged());
        assertThat(traced.span()).contains(tracer.contextsOf("produce").getFirst());
    }

    @Test
    void aRejectedRequestIsAFailedSpan() {
        Problem problem = new Problem(Reason.OVERLOADED, "Busy.");
        tracing(tracer)
                .decorate(request(CONTEXT), Optional.empty(), reply)
                .complete(new ProduceOutcome.Rejected(problem));
        assertThat(tracer.spans().getFirst().failure()).contains("Busy.");
        assertThat(outcomes).containsExactly(new ProduceOutcome.Rejected(problem));
    }

    @Test
    void theContextOfTheCallCountsForARequestWithoutOne() {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), OTHER);
        ProduceTracing tracing = tracing(tracer);
        Optional<TraceContext> ofCall = tracing.contextOf(headers);
        tracing.decorate(request(""), ofCall, reply).complete(acknowledged());
        tracing.decorate(request(CONTEXT), ofCall, reply).complete(acknowledged());
        assertThat(tracer.spans())
                .extracting(Span::parent)
                .containsExactly(TraceContext.parse(OTHER), TraceContext.parse(CONTEXT));
    }

    @Test
    void anUntracedReplyStaysAsItIs() {
        assertThat(tracing(tracer).decorate(request(""), Optional.empty(), reply)).isSameAs(reply);
        assertThat(tracing(Tracer.OFF).decorate(request(CONTEXT), Optional.empty(), reply))
                .isSameAs(reply);
    }
}
