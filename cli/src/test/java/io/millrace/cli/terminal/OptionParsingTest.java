package io.millrace.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionParsingTest {

    @Test
    void aPrometheusPageIsSummedOverItsLabels() {
        ServerMetrics page =
                ServerMetrics.parse("# HELP a b\na{x=\"1 2\"} 1.5\na{x=\"2\"} 2\nb 3E2\n");
        assertThat(page.values()).isEqualTo(Map.of("a", 3.5, "b", 300.0));
    }

    @Test
    void sizesHaveDecimalAndBinaryUnits() {
        assertThat(SizeConverter.parse("64Ki")).isEqualTo(65_536);
        assertThat(SizeConverter.parse("2M")).isEqualTo(2_000_000);
        assertThat(RatePacer.parse("10l")).isEqualTo(new RatePacer(10, true));
        assertThatThrownBy(() -> SizeConverter.parse("many"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
