package io.millrace.runtime.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A tracer that keeps all spans, and numbers them in the order of recording. */
public final class RecordingTracer implements Tracer {

    private record Recorded(Span span, TraceContext context) {}

    private final List<Recorded> recorded = new ArrayList<>();

    @Override
    public boolean isOn() {
        return true;
    }

    @Override
    public synchronized TraceContext record(Span span) {
        int number = recorded.size() + 1;
        String trace =
                span.parent()
                        .map(TraceContext::traceId)
                        .orElseGet(() -> "%032x".formatted(0xF0000 + number));
        TraceContext context = new TraceContext(trace, "%016x".formatted(number), true);
        recorded.add(new Recorded(span, context));
        return context;
    }

    public synchronized List<Span> spans() {
        return recorded.stream().map(Recorded::span).toList();
    }

    /** Returns the spans with a name, in the order of recording. */
    public List<Span> named(String name) {
        return spans().stream().filter(span -> span.name().equals(name)).toList();
    }

    /** Returns the identities of the spans with a name, in the order of recording. */
    public synchronized List<TraceContext> contextsOf(String name) {
        return recorded.stream()
                .filter(each -> each.span().name().equals(name))
                .map(Recorded::context)
                .toList();
    }

    /**
     * Returns the spans below a parent, one a line, with duration in milliseconds, {@code !} after
     * a failure, and two spaces of indentation for each level.
     */
    public String tree(Optional<TraceContext> root) {
        StringBuilder text = new StringBuilder();
        append(root, "", text);
        return text.toString();
    }

    private synchronized void append(
            Optional<TraceContext> parent, String indentation, StringBuilder text) {
        for (Recorded each : recorded) {
            Span span = each.span();
            if (span.parent().equals(parent)) {
                long nanos = span.period().endNanos() - span.period().startNanos();
                text.append(indentation)
                        .append(span.name())
                        .append(' ')
                        .append(nanos / 1_000_000)
                        .append(span.failure().isPresent() ? " ms!\n" : " ms\n");
                append(Optional.of(each.context()), indentation + "  ", text);
            }
        }
    }
}
