package io.millrace.it.requests;

import java.util.Optional;

/**
 * Result of one test with one set of settings.
 *
 * @param test the class and the method, as {@code JoinGroupRequestTest#testName}
 * @param settings the name that JUnit gives to this run
 * @param skipped whether the test did not run
 * @param failure the error of a failed test
 */
record TestResult(String test, String settings, boolean skipped, Optional<Throwable> failure) {
    boolean failed() {
        return failure.isPresent();
    }
}
