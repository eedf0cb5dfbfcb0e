package io.millrace.server.grpc.produce;

import io.grpc.Metadata;
import io.millrace.ingest.block.CommitTiming;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.trace.Span;
import io.millrace.runtime.trace.TraceContext;
import io.millrace.runtime.trace.TraceSampler;
import io.millrace.runtime.trace.Tracer;
import io.millrace.server.grpc.trace.TraceHeader;
import java.util.Optional;

/**
 * Decorates the replies of traced produce requests: each records a span {@code produce}, with the
 * ends of its phases as events. Without tracing, replies stay as they are. Owned by the ingest
 * node's loop.
 */
public final class ProduceTracing {

    private final Tracer tracer;
    private final TraceSampler sampler;
    private final EventLoop loop;

    public ProduceTracing(Tracer tracer, TraceSampler sampler, EventLoop loop) {
        this.tracer = tracer;
        this.sampler = sampler;
        this.loop = loop;
    }

    /** Returns the trace context of a unary call, for a request without one. */
    Optional<TraceContext> contextOf(Metadata headers) {
        return tracer.isOn() ? TraceHeader.of(headers) : Optional.empty();
    }

    /**
     * Returns the reply, decorated if the request is traced.
     *
     * @param ofCall the trace context of the call, if the request has none
     */
    ProduceReply decorate(
            ProduceMessage request, Optional<TraceContext> ofCall, ProduceReply reply) {
        if (!tracer.isOn()) {
            return reply;
        }
        Optional<TraceContext> caller = TraceContext.parse(request.traceparent()).or(() -> ofCall);
        return sampler.samples(caller) ? new TracedReply(request, caller, reply) : reply;
    }

    private final class TracedReply implements ProduceReply {

        private final String topic;
        private final int partition;
        private final Optional<TraceContext> caller;
        private final ProduceReply delegate;
        private final long acceptedNanos = loop.nanoTime();
        private Optional<TraceContext> span = Optional.empty();

        TracedReply(ProduceMessage request, Optional<TraceContext> caller, ProduceReply delegate) {
            this.topic = request.topic();
            this.partition = request.partition();
            this.caller = caller;
            this.delegate = delegate;
        }

        @Override
        public Optional<TraceContext> span() {
            return span;
        }

        @Override
        public void complete(ProduceOutcome outcome) {
            Span finished =
                    Span.request("produce", acceptedNanos, loop.nanoTime())
                            .childOf(caller)
                            .with("millrace.topic", topic)
                            .with("millrace.partition", partition);
            span =
                    Optional.of(
                            tracer.record(
                                    switch (outcome) {
                                        case ProduceOutcome.Acknowledged stored ->
                                                stored(finished, stored);
                                        case ProduceOutcome.Rejected(var problem) ->
                                                finished.with(
                                                                "millrace.reason",
                                                                problem.reason().name())
                                                        .failed(problem.message());
                                    }));
            delegate.complete(outcome);
        }

        private Span stored(Span finished, ProduceOutcome.Acknowledged stored) {
            CommitTiming timing = stored.timing();
            long sealed = acceptedNanos + timing.lingerNanos();
            long uploaded = sealed + timing.uploadNanos();
            return finished.with("millrace.offset", stored.baseOffset())
                    .with("millrace.duplicate", String.valueOf(stored.duplicate()))
                    .event("sealed", sealed)
                    .event("uploaded", uploaded)
                    .event("durable", uploaded + timing.appendNanos());
        }
    }
}
