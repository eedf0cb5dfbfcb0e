package io.millrace.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    @Test
    void aHeaderIsParsedAndWritten() {
        String header = "00-" + TRACE + "-" + SPAN + "-01";
        assertThat(TraceContext.parse(header)).contains(new TraceContext(TRACE, SPAN, true));
        assertThat(TraceContext.parse(header).orElseThrow()).hasToString(header);
    }

    @Test
    void onlyTheLastFlagMeansSampled() {
        assertThat(TraceContext.parse("00-" + TRACE + "-" + SPAN + "-fe").orElseThrow().sampled())
                .isFalse();
        assertThat(TraceContext.parse("00-" + TRACE + "-" + SPAN + "-03").orElseThrow().sampled())
                .isTrue();
    }

    @Test
    void aLaterVersionWithTheSameFieldsIsParsed() {
        assertThat(TraceContext.parse("cc-" + TRACE + "-" + SPAN + "-01")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "ff-" + TRACE + "-" + SPAN + "-01",
                "00-" + TRACE + "-" + SPAN + "-0",
                "00-" + TRACE + "-" + SPAN + "-01-",
                "00-" + TRACE + "-" + SPAN + "-0g",
                "0A-" + TRACE + "-" + SPAN + "-01",
                "00_" + TRACE + "-" + SPAN + "-01",
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
                "00-0af7651916cd43dd8448eb211c80319\u00e9-" + SPAN + "-01",
            })
    void anInvalidHeaderIsIgnored(String header) {
        assertThat(TraceContext.parse(header)).isEmpty();
    }

    @Test
    void idsAreChecked() {
        assertThatThrownBy(() -> new TraceContext(SPAN, SPAN, true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
