package io.millrace.runtime.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.millrace.runtime.trace.TraceContext;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

class LogFieldsTest {

    @Test
    void theFieldsAreInTheContextOfTheLineOnly() {
        AtomicReference<String> seen = new AtomicReference<>("");
        LogFields.topic("t")
                .partition(3)
                .log(() -> seen.set(MDC.get("topic") + "-" + MDC.get("partition")));
        assertThat(seen.get()).isEqualTo("t-3");
        assertThat(MDC.get("topic")).isNull();
        assertThat(MDC.get("partition")).isNull();
    }

    @Test
    void aLineOfATracedRequestHasTheIdsOfItsSpan() {
        String traceId = "0af7651916cd43dd8448eb211c80319c";
        AtomicReference<String> seen = new AtomicReference<>("");
        LogFields.object("wal/1")
                .trace(Optional.of(new TraceContext(traceId, "b7ad6b7169203331", true)))
                .log(() -> seen.set(MDC.get("trace_id") + "/" + MDC.get("span_id")));
        assertThat(seen.get()).isEqualTo(traceId + "/b7ad6b7169203331");
        assertThat(MDC.get("trace_id")).isNull();
    }

    @Test
    void theContextIsRestoredAfterAFailureOfTheLine() {
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        LogFields.object("wal/1")
                                .log(() -> {
                                    throw new IllegalStateException("no log");
                                }));
        assertThat(MDC.get("object")).isNull();
    }
}
