package io.millrace.runtime.trace;

/**
 * Records the spans of traced requests. Spans are recorded after their end, with their times, so
 * that a component under measurement only remembers times. Any thread; never blocks. An
 * implementation may drop spans under load.
 */
public interface Tracer {

    /**
     * Records nothing. Callers check {@link #isOn} first, so that a node without tracing pays
     * nothing.
     */
    Tracer OFF = new TracerOff();

    /** Returns false if no span is recorded ever. */
    boolean isOn();

    /** Records a span, and returns its identity for spans that it causes. */
    TraceContext record(Span span);
}
