package io.millrace.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The dashboards and alerts name only metrics and labels that exist, and each alert has a runbook.
 */
class MonitoringTest {

    private static final Path FOLDER = Manifests.folder().resolve("components/monitoring");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*), *(\\w+)\\)");
    private static final Pattern TEMPLATE = Pattern.compile("\\$labels\\.(\\w+)");

    private final DocumentedMetrics metrics = DocumentedMetrics.read();

    private static List<JsonNode> alerts() {
        List<JsonNode> alerts = new ArrayList<>();
        JsonNode rules = Manifests.parse(FOLDER.resolve("alerts.yaml")).getFirst();
        rules.at("/spec/groups").forEach(group -> group.path("rules").forEach(alerts::add));
        assertThat(alerts).hasSizeGreaterThan(20);
        return alerts;
    }

    private static Map<String, JsonNode> dashboards() throws Exception {
        Map<String, JsonNode> dashboards = new TreeMap<>();
        for (Path file : Manifests.filesOf(FOLDER.resolve("dashboards"))) {
            dashboards.put(
                    FOLDER.relativize(file).toString(),
                    new ObjectMapper().readTree(Manifests.read(file)));
        }
        assertThat(dashboards).hasSize(7);
        return dashboards;
    }

    @Test
    void alertsNameMetricsAndLabelsThatExist() {
        for (JsonNode alert : alerts()) {
            PromExpression expression = PromExpression.parse(alert.path("expr").asText());
            assertThat(expression.selectors()).isNotEmpty();
            assertThat(metrics.problems(expression)).as(alert.path("alert").asText()).isEmpty();
            assertThat(metrics.labelsOf(expression))
                    .as(alert.path("alert").asText())
                    .containsAll(named(TEMPLATE, alert.path("annotations").toString()));
        }
    }

    @Test
    void eachAlertHasASeverityAndAnEntryInTheRunbook() {
        String runbook = Manifests.read(Manifests.root().resolve("docs/operations.md"));
        Set<String> headings = named(Pattern.compile("(?m)^### (Millrace\\w+)$"), runbook);
        Set<String> names = new TreeSet<>();
        for (JsonNode alert : alerts()) {
            String name = alert.path("alert").asText();
            assertThat(names.add(name)).as(name).isTrue();
            assertThat(alert.at("/labels/severity").asText()).isIn("warning", "critical");
            assertThat(alert.at("/annotations/summary").asText()).as(name).isNotEmpty();
            assertThat(alert.at("/annotations/description").asText()).as(name).endsWith(".");
            assertThat(alert.at("/annotations/runbook").asText())
                    .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
        }
        assertThat(headings).isEqualTo(names);
    }

    @Test
    void dashboardsNameMetricsAndLabelsThatExist() throws Exception {
        dashboards()
                .forEach((file, dashboard) -> {
                    List<JsonNode> targets = new ArrayList<>();
                    dashboard
                            .path("panels")
                            .forEach(panel -> panel.path("targets").forEach(targets::add));
                    assertThat(targets).hasSizeGreaterThan(5);
                    for (JsonNode target : targets) {
                        PromExpression expression =
                                PromExpression.parse(target.path("expr").asText());
                        assertThat(expression.selectors()).isNotEmpty();
                        assertThat(metrics.problems(expression)).as(file + ": " + target).isEmpty();
                        assertThat(metrics.labelsOf(expression))
                                .as(file + ": " + target)
                                .containsAll(named(LEGEND, target.path("legendFormat").asText()));
                    }
                });
    }

    @Test
    void dashboardsSelectADataSourceANamespaceAndPods() throws Exception {
        Set<String> ids = new HashSet<>();
        dashboards()
                .forEach((file, dashboard) -> {
                    assertThat(ids.add(dashboard.path("uid").asText())).as(file).isTrue();
                    Set<String> variables = new HashSet<>();
                    for (JsonNode variable : dashboard.at("/templating/list")) {
                        variables.add(variable.path("name").asText());
                        Matcher query = LABEL_VALUES.matcher(variable.path("query").asText());
                        if (query.matches()) {
                            PromExpression series = PromExpression.parse(query.group(1));
                            assertThat(metrics.problems(series)).as(file).isEmpty();
                            assertThat(metrics.labelsOf(series)).contains(query.group(2));
                        }
                    }
                    assertThat(variables).contains("datasource", "namespace", "pod");
                    assertThat(Manifests.all(dashboard, "expr"))
                            .allSatisfy(expr -> assertThat(expr.asText()).contains("$namespace"));
                    assertThat(Manifests.all(dashboard, "uid").stream().map(JsonNode::asText))
                            .containsOnly(dashboard.path("uid").asText(), "${datasource}");
                });
    }

    /** A panel that overlaps another is moved by Grafana, which changes the layout of the rows. */
    @Test
    void panelsDoNotOverlap() throws Exception {
        dashboards()
                .forEach((file, dashboard) -> {
                    Set<String> cells = new HashSet<>();
                    Set<Integer> ids = new HashSet<>();
                    for (JsonNode panel : dashboard.path("panels")) {
                        assertThat(ids.add(panel.path("id").asInt())).as(file).isTrue();
                        JsonNode at = panel.path("gridPos");
                        assertThat(at.path("x").asInt() + at.path("w").asInt())
                                .isLessThanOrEqualTo(24);
                        for (int x = 0; x < at.path("w").asInt(); x++) {
                            for (int y = 0; y < at.path("h").asInt(); y++) {
                                String cell =
                                        (at.path("x").asInt() + x)
                                                + ","
                                                + (at.path("y").asInt() + y);
                                assertThat(cells.add(cell))
                                        .as(file + ": " + panel.path("title").asText())
                                        .isTrue();
                            }
                        }
                    }
                });
    }

    private static Set<String> named(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
