package io.millrace.runtime.log;

import io.millrace.runtime.trace.TraceContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.MDC;

/**
 * The fields of one log line, which logs in JSON have beside the message (docs/operations.md). The
 * message still names everything, for logs as text. Not thread safe.
 */
public final class LogFields {

    private final Map<String, String> fields = new LinkedHashMap<>();

    private LogFields() {}

    public static LogFields topic(String name) {
        return new LogFields().with("topic", name);
    }

    /**
     * @param object the id or the key of an object in the bucket
     */
    public static LogFields object(Object object) {
        return new LogFields().with("object", object.toString());
    }

    /**
     * @param number the number of an entry of the metadata log
     */
    public static LogFields entry(long number) {
        return new LogFields().with("entry", Long.toString(number));
    }

    public static LogFields incarnation(long incarnation) {
        return new LogFields().with("incarnation", "%016x".formatted(incarnation));
    }

    /**
     * @param fullName the name of a gRPC method
     */
    public static LogFields method(String fullName) {
        return new LogFields().with("method", fullName);
    }

    /** Adds the id of a topic whose name is unknown where the line is written. */
    public LogFields topicId(long id) {
        return with("topicId", Long.toString(id));
    }

    public LogFields partition(int number) {
        return with("partition", Integer.toString(number));
    }

    public LogFields offset(long offset) {
        return with("offset", Long.toString(offset));
    }

    /**
     * Adds the ids of a traced request, under the names of OpenTelemetry.
     *
     * @param span empty for a line that belongs to no traced request
     */
    public LogFields trace(Optional<TraceContext> span) {
        span.ifPresent(known -> with("trace_id", known.traceId()).with("span_id", known.spanId()));
        return this;
    }

    private LogFields with(String field, String value) {
        fields.put(field, value);
        return this;
    }

    /**
     * Runs a task with these fields.
     *
     * @param line the task that writes the line, on the calling thread
     */
    public void log(Runnable line) {
        fields.forEach(MDC::put);
        try {
            line.run();
        } finally {
            fields.keySet().forEach(MDC::remove);
        }
    }
}
