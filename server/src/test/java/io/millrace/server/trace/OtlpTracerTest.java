package io.millrace.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class OtlpTracerTest {

    private static final TraceContext CALLER =
            new TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", true);
    private static final long NOW_NANOS = 5_000;
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000L, 123);
    private static final long NOW_EPOCH_NANOS = 1_700_000_000_000_000_123L;

    private final List<SpanData> exported = new CopyOnWriteArrayList<>();

    private OtlpTracer tracer(CompletableResultCode answer) {
        SpanExporter exporter =
                new SpanExporter() {
                    @Override
                    public CompletableResultCode export(Collection<SpanData> spans) {
                        exported.addAll(spans);
                        return answer;
                    }

                    @Override
                    public CompletableResultCode flush() {
                        return answer;
                    }

                    @Override
                    public CompletableResultCode shutdown() {
                        return answer;
                    }
                };
        return new OtlpTracer(exporter, Resource.empty(), () -> NOW_NANOS, () -> NOW);
    }

    private SpanData exported(Span span) {
        try (OtlpTracer tracer = tracer(CompletableResultCode.ofSuccess())) {
            TraceContext context = tracer.record(span);
            tracer.close();
            assertThat(exported).hasSize(1);
            assertThat(exported.getFirst().getSpanId()).isEqualTo(context.spanId());
            assertThat(exported.getFirst().getTraceId()).isEqualTo(context.traceId());
        }
        return exported.getFirst();
    }

    @Test
    void timesOfTheLoopBecomeTimesOfTheClock() {
        SpanData span = exported(Span.request("produce", 1_000, 4_000).event("sealed", 2_000));
        assertThat(span.getStartEpochNanos()).isEqualTo(NOW_EPOCH_NANOS - 4_000);
        assertThat(span.getEndEpochNanos()).isEqualTo(NOW_EPOCH_NANOS - 1_000);
        assertThat(span.getEvents().getFirst().getName()).isEqualTo("sealed");
        assertThat(span.getEvents().getFirst().getEpochNanos()).isEqualTo(NOW_EPOCH_NANOS - 3_000);
    }

    @Test
    void aSpanHasItsParentAndLinks() {
        SpanData span =
                exported(
                        Span.request("produce", 1, 2)
                                .childOf(Optional.of(CALLER))
                                .linkedTo(List.of(CALLER)));
        assertThat(span.getTraceId()).isEqualTo(CALLER.traceId());
        assertThat(span.getParentSpanId()).isEqualTo(CALLER.spanId());
        assertThat(span.getLinks())
                .extracting(LinkData::getSpanContext)
                .extracting(context -> context.getSpanId())
                .containsExactly(CALLER.spanId());
    }

    @Test
    void aSpanWithoutAParentStartsATrace() {
        assertThat(exported(Span.step("block", 1, 2)).getParentSpanContext().isValid()).isFalse();
    }

    @Test
    void kindAttributesAndFailureAreExported() {
        SpanData span =
                exported(
                        Span.step("block", 1, 2)
                                .with("millrace.object", "wal/1")
                                .with("millrace.batches", 3)
                                .failed("The bucket is unavailable."));
        assertThat(span.getKind()).isEqualTo(SpanKind.INTERNAL);
        assertThat(span.getAttributes().get(AttributeKey.stringKey("millrace.object")))
                .isEqualTo("wal/1");
        assertThat(span.getAttributes().get(AttributeKey.longKey("millrace.batches"))).isEqualTo(3);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span.getStatus().getDescription()).isEqualTo("The bucket is unavailable.");
    }

    @Test
    void aSilentCollectorDoesNotBlockRecording() {
        Set<TraceContext> contexts = new HashSet<>();
        try (OtlpTracer tracer = tracer(new CompletableResultCode())) {
            for (int i = 0; i < 10_000; i++) {
                contexts.add(tracer.record(Span.request("produce", 1, 2)));
            }
        }
        assertThat(contexts).hasSize(10_000);
        assertThat(exported).hasSizeLessThan(10_000);
    }
}
