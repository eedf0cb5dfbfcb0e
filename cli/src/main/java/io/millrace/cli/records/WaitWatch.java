package io.millrace.cli.records;

import io.millrace.runtime.SystemAccess;
import java.io.PrintStream;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Writes the {@link WaitNotice} of a producer or subscription to standard error. Uses a separate
 * thread until closed.
 */
@SystemAccess("runs a periodic check")
final class WaitWatch implements AutoCloseable {

    private static final long EVERY_MS = 100;

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("millrace-wait").factory());
    private final WaitNotice notice = new WaitNotice();
    private final Supplier<Optional<String>> trouble;
    private final PrintStream err;

    /**
     * @param trouble called on any thread
     */
    WaitWatch(Supplier<Optional<String>> trouble, PrintStream err) {
        this.trouble = trouble;
        this.err = err;
        var unused =
                timer.scheduleWithFixedDelay(
                        this::check, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    private void check() {
        notice.update(System.nanoTime(), trouble.get().orElse(null)).ifPresent(err::println);
    }

    @Override
    public void close() {
        timer.close();
        // A reported wait must also be reported as over.
        check();
    }
}
