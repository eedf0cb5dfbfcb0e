package io.millrace.runtime.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
