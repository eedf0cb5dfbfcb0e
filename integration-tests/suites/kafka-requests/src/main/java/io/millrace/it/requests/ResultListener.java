package io.millrace.it.requests;

import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Prints a line for each test that ended, and collects the results. */
final class ResultListener implements TestExecutionListener {
    private final Consumer<TestResult> results;
    private final Map<String, String> known;
    private final PrintStream out;

    ResultListener(Consumer<TestResult> results, Map<String, String> known, PrintStream out) {
        this.results = results;
        this.known = known;
        this.out = out;
    }

    @Override
    public void executionSkipped(TestIdentifier identifier, String reason) {
        add(new TestResult(name(identifier), identifier.getDisplayName(), true, Optional.empty()));
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        boolean failed = result.getStatus() == TestExecutionResult.Status.FAILED;
        // A class or a repeated method is reported only if it failed outside of its tests.
        if (!identifier.isTest() && !failed) return;
        add(
                new TestResult(
                        name(identifier),
                        identifier.getDisplayName(),
                        result.getStatus() == TestExecutionResult.Status.ABORTED,
                        failed
                                ? Optional.of(result.getThrowable().orElseGet(AssertionError::new))
                                : Optional.empty()));
    }

    private void add(TestResult result) {
        results.accept(result);
        String state =
                result.skipped()
                        ? "skipped"
                        : !result.failed()
                                ? "passed"
                                : known.containsKey(result.test()) ? "known" : "failed";
        String detail =
                known.containsKey(result.test())
                        ? known.get(result.test())
                        : result.failure().map(failure -> firstLine(failure.toString())).orElse("");
        out.printf("%-8s %s %s %s%n", state, result.test(), result.settings(), detail);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static String name(TestIdentifier identifier) {
        return identifier
                .getSource()
                .map(source ->
                        switch (source) {
                            case MethodSource method ->
                                    simple(method.getClassName()) + "#" + method.getMethodName();
                            case ClassSource type -> simple(type.getClassName()) + "#";
                            default -> identifier.getDisplayName() + "#";
                        })
                .orElse(identifier.getDisplayName() + "#");
    }

    private static String simple(String className) {
        return className.substring(className.lastIndexOf('.') + 1);
    }
}
