package io.millrace.server.trace;

import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.runtime.trace.Tracer;
import io.millrace.server.settings.ServerSettings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Exports spans to an OpenTelemetry collector by OTLP over HTTP, from a thread of the SDK. Queues
 * up to {@link #MAX_QUEUED} spans, and drops further spans while the collector is slow or
 * unavailable; the SDK logs failed exports. Any thread.
 */
@SystemAccess("reads the system clock, to which the times of the event loop are converted")
public final class OtlpTracer implements Tracer, AutoCloseable {

    private static final int MAX_QUEUED = 4096;
    private static final Duration EXPORT_INTERVAL = Duration.ofSeconds(1);
    private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final SdkTracerProvider provider;
    private final io.opentelemetry.api.trace.Tracer tracer;
    private final LongSupplier nanoTime;
    private final InstantSource clock;

    OtlpTracer(
            SpanExporter exporter, Resource resource, LongSupplier nanoTime, InstantSource clock) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.provider =
                SdkTracerProvider.builder()
                        .setResource(resource)
                        // The spans that arrive here are sampled.
                        .setSampler(Sampler.alwaysOn())
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(exporter)
                                        .setMaxQueueSize(MAX_QUEUED)
                                        .setScheduleDelay(EXPORT_INTERVAL)
                                        .setExporterTimeout(EXPORT_TIMEOUT)
                                        .build())
                        .build();
        this.tracer = provider.get("io.millrace");
    }

    /**
     * Returns a tracer for a node. Connects with the first export.
     *
     * @param instance the address of the node, which tells the nodes of a cluster apart
     * @param nanoTime the clock of the event loop
     */
    public static OtlpTracer open(
            ServerSettings.Tracing settings,
            String cluster,
            String instance,
            LongSupplier nanoTime) {
        SpanExporter exporter =
                OtlpHttpSpanExporter.builder()
                        .setEndpoint(settings.endpoint() + "/v1/traces")
                        .setTimeout(EXPORT_TIMEOUT)
                        .build();
        Resource resource =
                Resource.create(
                        Attributes.of(
                                AttributeKey.stringKey("service.name"), "millrace",
                                AttributeKey.stringKey("service.namespace"), cluster,
                                AttributeKey.stringKey("service.instance.id"), instance));
        return new OtlpTracer(exporter, resource, nanoTime, InstantSource.system());
    }

    @Override
    public boolean isOn() {
        return true;
    }

    @Override
    public TraceContext record(Span span) {
        long toEpochNanos = epochNanos() - nanoTime.getAsLong();
        SpanBuilder builder =
                tracer.spanBuilder(span.name())
                        .setSpanKind(kindOf(span))
                        .setStartTimestamp(
                                span.period().startNanos() + toEpochNanos, TimeUnit.NANOSECONDS);
        span.parent()
                .ifPresentOrElse(
                        parent ->
                                builder.setParent(
                                        Context.root()
                                                .with(
                                                        io.opentelemetry.api.trace.Span.wrap(
                                                                remote(parent)))),
                        builder::setNoParent);
        span.links().forEach(link -> builder.addLink(remote(link)));
        span.attributes().forEach(attribute -> set(builder, attribute));
        io.opentelemetry.api.trace.Span started = builder.startSpan();
        for (Span.Event event : span.events()) {
            started.addEvent(event.name(), event.nanos() + toEpochNanos, TimeUnit.NANOSECONDS);
        }
        span.failure().ifPresent(why -> started.setStatus(StatusCode.ERROR, why));
        started.end(span.period().endNanos() + toEpochNanos, TimeUnit.NANOSECONDS);
        SpanContext context = started.getSpanContext();
        return new TraceContext(context.getTraceId(), context.getSpanId(), true);
    }

    /** Exports the queued spans. */
    @Override
    public void close() {
        provider.shutdown().join(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static SpanKind kindOf(Span span) {
        return switch (span.kind()) {
            case REQUEST -> SpanKind.SERVER;
            case STEP -> SpanKind.INTERNAL;
        };
    }

    private static void set(SpanBuilder builder, Span.Attribute attribute) {
        switch (attribute) {
            case Span.Attribute.Text(var name, var value) -> builder.setAttribute(name, value);
            case Span.Attribute.Number(var name, var value) -> builder.setAttribute(name, value);
        }
    }

    private static SpanContext remote(TraceContext context) {
        return SpanContext.createFromRemoteParent(
                context.traceId(),
                context.spanId(),
                context.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                TraceState.getDefault());
    }

    private long epochNanos() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
