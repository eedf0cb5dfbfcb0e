package io.millrace.runtime.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A finished step of a traced request. Times are in nanoseconds on the clock of the event loop that
 * performed the step.
 *
 * @param parent the span that caused this one; empty for the first span of a new trace
 * @param links spans of other requests that share this step
 * @param attributes details, each name at most once
 * @param events instants within the span, in order
 * @param failure the sentence that says why the step failed; empty after a success
 */
public record Span(
        Kind kind,
        String name,
        Optional<TraceContext> parent,
        List<TraceContext> links,
        Period period,
        List<Attribute> attributes,
        List<Event> events,
        Optional<String> failure) {

    /** The place of a span in its trace. */
    public enum Kind {
        /** The handling of a request. */
        REQUEST,
        /** A step within the node. */
        STEP
    }

    /** The start, and the end, which is not before the start. */
    public record Period(long startNanos, long endNanos) {
        public Period {
            if (endNanos - startNanos < 0) {
                throw new IllegalArgumentException(
                        "The span ends %d ns before its start".formatted(startNanos - endNanos));
            }
        }
    }

    /** A named instant. */
    public record Event(String name, long nanos) {}

    /** A detail of a span. */
    public sealed interface Attribute {
        String name();

        record Text(String name, String value) implements Attribute {}

        record Number(String name, long value) implements Attribute {}
    }

    public Span {
        links = List.copyOf(links);
        attributes = List.copyOf(attributes);
        events = List.copyOf(events);
    }

    /** Returns the successful span of a request, without parent, links, attributes and events. */
    public static Span request(String name, long startNanos, long endNanos) {
        return of(Kind.REQUEST, name, startNanos, endNanos);
    }

    /** Returns the successful span of a step, without parent, links, attributes and events. */
    public static Span step(String name, long startNanos, long endNanos) {
        return of(Kind.STEP, name, startNanos, endNanos);
    }

    private static Span of(Kind kind, String name, long startNanos, long endNanos) {
        return new Span(
                kind,
                name,
                Optional.empty(),
                List.of(),
                new Period(startNanos, endNanos),
                List.of(),
                List.of(),
                Optional.empty());
    }

    public Span childOf(Optional<TraceContext> context) {
        return new Span(kind, name, context, links, period, attributes, events, failure);
    }

    public Span linkedTo(List<TraceContext> contexts) {
        return new Span(kind, name, parent, contexts, period, attributes, events, failure);
    }

    public Span with(String attribute, String value) {
        return with(new Attribute.Text(attribute, value));
    }

    public Span with(String attribute, long value) {
        return with(new Attribute.Number(attribute, value));
    }

    public Span event(String event, long nanos) {
        return new Span(
                kind,
                name,
                parent,
                links,
                period,
                attributes,
                appended(events, new Event(event, nanos)),
                failure);
    }

    public Span failed(String sentence) {
        return new Span(
                kind, name, parent, links, period, attributes, events, Optional.of(sentence));
    }

    private Span with(Attribute attribute) {
        return new Span(
                kind,
                name,
                parent,
                links,
                period,
                appended(attributes, attribute),
                events,
                failure);
    }

    private static <T> List<T> appended(List<T> list, T last) {
        List<T> longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }
}
