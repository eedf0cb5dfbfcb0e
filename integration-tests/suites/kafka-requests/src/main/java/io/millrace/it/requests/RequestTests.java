package io.millrace.it.requests;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs tests of Kafka and prints a table of their results. Arguments: the file of known failures,
 * the folder of the logs, and names such as {@code JoinGroupRequestTest} or {@code
 * JoinGroupRequestTest#testName}.
 */
public final class RequestTests {
    private static final String PACKAGE = "kafka.server.";

    private RequestTests() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> known = knownFailures(Path.of(arguments[0]));
        Path logs = Path.of(arguments[1]);
        List<String> names = List.of(arguments).subList(2, arguments.length);
        PrintStream console = System.out;
        List<TestResult> results = new ArrayList<>();
        try (PrintStream output =
                new PrintStream(Files.newOutputStream(logs.resolve("tests.log")), true)) {
            System.setOut(output);
            System.setErr(output);
            LauncherFactory.create()
                    .execute(request(names), new ResultListener(results::add, known, console));
        } finally {
            System.setOut(console);
        }
        writeFailures(results, logs.resolve("failures.log"));
        printTable(results, known, console);
        List<String> outdated = outdated(results, known, names);
        outdated.forEach(test ->
                console.println(test + " is a known failure that did not fail: delete its line."));
        boolean unexplained =
                results.stream()
                        .anyMatch(result -> result.failed() && !known.containsKey(result.test()));
        // Threads of clients that a failed test left must not keep the process running.
        System.exit(unexplained || !outdated.isEmpty() || results.isEmpty() ? 1 : 0);
    }

    /**
     * Returns the known failures that ran and did not fail, with any of their settings, or that a
     * class which ran does not have.
     */
    private static List<String> outdated(
            List<TestResult> results, Map<String, String> known, List<String> names) {
        Set<String> ran =
                names.stream().map(RequestTests::simple).collect(Collectors.toUnmodifiableSet());
        Set<String> failed =
                results.stream()
                        .filter(TestResult::failed)
                        .map(TestResult::test)
                        .collect(Collectors.toUnmodifiableSet());
        return known.keySet().stream()
                .filter(test ->
                        ran.contains(test) || ran.contains(test.substring(0, test.indexOf('#'))))
                .filter(test -> !failed.contains(test))
                .toList();
    }

    /** Returns a name without its package. */
    private static String simple(String name) {
        int method = name.indexOf('#');
        int type = method < 0 ? name.length() : method;
        return name.substring(name.lastIndexOf('.', type) + 1);
    }

    private static LauncherDiscoveryRequest request(List<String> names) {
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(
                        names.stream()
                                .map(RequestTests::qualified)
                                .map(name ->
                                        name.contains("#")
                                                ? DiscoverySelectors.selectMethod(name)
                                                : DiscoverySelectors.selectClass(name))
                                .toList())
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .configurationParameter(
                        "junit.jupiter.extensions.autodetection.exclude",
                        "org.apache.kafka.common.test.junit.ClusterTestExtensions")
                .build();
    }

    private static String qualified(String name) {
        return name.contains(".") ? name : PACKAGE + name;
    }

    /** Reads lines of a test and the reason of its failure, separated by spaces. */
    private static Map<String, String> knownFailures(Path file) throws IOException {
        Map<String, String> reasons = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) continue;
            String[] parts = line.split("\\s+", 2);
            if (parts.length < 2 || !parts[0].contains("#"))
                throw new IOException(file + ": no test and reason in \"" + line + "\"");
            reasons.put(parts[0], parts[1]);
        }
        return reasons;
    }

    private static void writeFailures(List<TestResult> results, Path file) throws IOException {
        try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(file))) {
            for (TestResult result : results) {
                result.failure()
                        .ifPresent(failure -> {
                            writer.println("== " + result.test() + " " + result.settings());
                            failure.printStackTrace(writer);
                        });
            }
        }
    }

    private static void printTable(
            List<TestResult> results, Map<String, String> known, PrintStream out) {
        Map<String, List<TestResult>> classes =
                results.stream()
                        .collect(
                                Collectors.groupingBy(
                                        result ->
                                                result.test()
                                                        .substring(0, result.test().indexOf('#')),
                                        TreeMap::new,
                                        Collectors.toList()));
        out.printf("%n%-52s %7s %7s %7s %7s%n", "class", "passed", "known", "failed", "skipped");
        classes.forEach((name, tests) -> printRow(name, tests, known, out));
        printRow("all", results, known, out);
    }

    private static void printRow(
            String name, List<TestResult> tests, Map<String, String> known, PrintStream out) {
        long failed = tests.stream().filter(TestResult::failed).count();
        long expected =
                tests.stream()
                        .filter(test -> test.failed() && known.containsKey(test.test()))
                        .count();
        long skipped = tests.stream().filter(TestResult::skipped).count();
        out.printf(
                "%-52s %7d %7d %7d %7d%n",
                name, tests.size() - failed - skipped, expected, failed - expected, skipped);
    }
}
