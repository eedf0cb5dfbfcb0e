package io.millrace.it.kubernetes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The series of {@code docs/metrics.md}, whose rows the server's tests compare with a running
 * server.
 *
 * @param labels the labels of each series, without those that Prometheus adds
 */
record DocumentedMetrics(Map<String, Set<String>> labels) {

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(\\w+)(?:\\{([\\w,]+)\\})?` \\| ([^|]+) \\|");

    /** Labels that Prometheus adds to every series when it scrapes pods. */
    private static final Set<String> OF_THE_SCRAPE =
            Set.of("namespace", "pod", "container", "service", "job", "instance", "endpoint");

    static DocumentedMetrics read() {
        Map<String, Set<String>> labels = new HashMap<>();
        Matcher row = ROW.matcher(Manifests.read(Manifests.root().resolve("docs/metrics.md")));
        while (row.find()) {
            String name = row.group(1);
            Set<String> own =
                    Optional.ofNullable(row.group(2))
                            .map(list -> Set.of(list.split(",")))
                            .orElse(Set.of());
            for (String suffix : suffixes(row.group(3))) {
                Set<String> all = new HashSet<>(own);
                all.addAll(OF_THE_SCRAPE);
                if (suffix.equals("_bucket")) {
                    all.add("le");
                }
                labels.put(name + suffix, all);
            }
        }
        return new DocumentedMetrics(labels);
    }

    private static List<String> suffixes(String type) {
        return switch (type) {
            case "counter", "gauge" -> List.of("");
            case "timer" -> List.of("_count", "_sum", "_max");
            case "timer with buckets", "distribution with buckets" ->
                    List.of("_count", "_sum", "_max", "_bucket");
            case "timer of running jobs" -> List.of("_active_count", "_duration_sum", "_max");
            default -> throw new AssertionError("docs/metrics.md has the unknown type " + type);
        };
    }

    /** Returns what an expression names that does not exist. */
    List<String> problems(PromExpression expression) {
        Set<String> available = new HashSet<>();
        List<String> problems = new ArrayList<>();
        for (PromExpression.Selector selector : expression.selectors()) {
            Set<String> known = labels.get(selector.metric());
            if (known == null) {
                problems.add("no metric " + selector.metric());
                continue;
            }
            available.addAll(known);
            selector.labels().stream()
                    .filter(label -> !known.contains(label))
                    .forEach(label ->
                            problems.add("no label " + label + " of " + selector.metric()));
        }
        expression.groupingLabels().stream()
                .filter(label -> !available.contains(label))
                .forEach(label -> problems.add("no label " + label));
        return problems;
    }

    /** Returns the labels that the result of an expression can have. */
    Set<String> labelsOf(PromExpression expression) {
        if (!expression.groupingLabels().isEmpty()) {
            return expression.groupingLabels();
        }
        Set<String> all = new HashSet<>();
        expression
                .selectors()
                .forEach(selector -> all.addAll(labels.getOrDefault(selector.metric(), Set.of())));
        return all;
    }
}
