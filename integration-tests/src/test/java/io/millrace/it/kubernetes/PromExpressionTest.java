package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.kubernetes.PromExpression.Selector;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromExpressionTest {

    @Test
    void metricsLabelsAndGroupsAreFound() {
        PromExpression expression =
                PromExpression.parse(
                        "sum by (pod, le) (rate(a_bucket{x=~\"b{c}|d\", y!=\"\"}[5m])) / on (pod) group_left () c > 0.5 or max(d offset 10m)");
        assertThat(expression.selectors())
                .isEqualTo(
                        List.of(
                                new Selector("a_bucket", Set.of("x", "y")),
                                new Selector("c", Set.of()),
                                new Selector("d", Set.of())));
        assertThat(expression.groupingLabels()).containsExactlyInAnyOrder("pod", "le");
    }

    @Test
    void anUnknownMetricOrLabelIsAProblem() {
        DocumentedMetrics metrics = new DocumentedMetrics(Map.of("a", Set.of("x")));
        assertThat(metrics.problems(PromExpression.parse("sum by (x) (a{x=\"1\"})"))).isEmpty();
        assertThat(metrics.problems(PromExpression.parse("sum by (y) (a{z=\"1\"}) + b")))
                .containsExactlyInAnyOrder("no label z of a", "no metric b", "no label y");
    }
}
