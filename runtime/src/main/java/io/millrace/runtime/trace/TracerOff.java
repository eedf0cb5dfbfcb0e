package io.millrace.runtime.trace;

/** The tracer of a node without tracing. */
final class TracerOff implements Tracer {

    @Override
    public boolean isOn() {
        return false;
    }

    @Override
    public TraceContext record(Span span) {
        throw new IllegalStateException("Tracing is off: check isOn before recording a span");
    }
}
