package io.millrace.it.kubernetes;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The metrics and labels that an expression of PromQL names. Not a parser: promtool checks the
 * syntax.
 *
 * @param groupingLabels the labels of {@code by}, {@code on} and similar clauses
 */
record PromExpression(List<Selector> selectors, Set<String> groupingLabels) {

    /** A metric with the labels that are matched. */
    record Selector(String metric, Set<String> labels) {}

    private static final Pattern TOKEN =
            Pattern.compile(
                    "\"(?:[^\"\\\\]|\\\\.)*\"|\\[[^\\]]*\\]|\\$?[a-zA-Z_:][\\w:]*|[\\d.]\\w*|\\S");

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][\\w:]*");

    private static final Set<String> CLAUSES =
            Set.of("by", "without", "on", "ignoring", "group_left", "group_right");

    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "offset", "bool");

    static PromExpression parse(String text) {
        List<String> tokens = TOKEN.matcher(text).results().map(MatchResult::group).toList();
        List<Selector> selectors = new ArrayList<>();
        Set<String> grouping = new HashSet<>();
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            String next = i + 1 < tokens.size() ? tokens.get(i + 1) : "";
            if (!NAME.matcher(token).matches() || OPERATORS.contains(token)) {
                continue;
            }
            if (CLAUSES.contains(token)) {
                grouping.addAll(names(tokens, i + 1, ")"));
                i = end(tokens, i + 1, ")");
            } else if (next.equals("{")) {
                selectors.add(new Selector(token, names(tokens, i + 1, "}")));
                i = end(tokens, i + 1, "}");
            } else if (!next.equals("(") && !CLAUSES.contains(next)) {
                selectors.add(new Selector(token, Set.of()));
            }
        }
        return new PromExpression(selectors, grouping);
    }

    private static Set<String> names(List<String> tokens, int from, String closing) {
        Set<String> names = new HashSet<>();
        for (String token : tokens.subList(from, end(tokens, from, closing))) {
            if (NAME.matcher(token).matches()) {
                names.add(token);
            }
        }
        return names;
    }

    private static int end(List<String> tokens, int from, String closing) {
        int length = tokens.subList(from, tokens.size()).indexOf(closing);
        if (length < 0) {
            throw new AssertionError("no " + closing + " in " + tokens);
        }
        return from + length;
    }
}
