package io.millrace.cli;

import io.millrace.client.Producer;
import io.millrace.protocol.Edge;
import java.io.PrintStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks after a producer while a command uses it, and writes to standard error what {@link
 * WaitNotice} says. Has a thread of its own until it is closed.
 */
@Edge("looks at the clock every now and then")
final class WaitWatch implements AutoCloseable {

    private static final long EVERY_MS = 100;

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("millrace-wait").factory());
    private final WaitNotice notice = new WaitNotice();
    private final Producer producer;
    private final PrintStream err;

    WaitWatch(Producer producer, PrintStream err) {
        this.producer = producer;
        this.err = err;
        var unused =
                timer.scheduleWithFixedDelay(this::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        notice.at(System.nanoTime(), producer.trouble().orElse(null)).ifPresent(err::println);
    }

    @Override
    public void close() {
        timer.close();
        // What it announced it also calls off, even if that came with the last record.
        look();
    }
}
