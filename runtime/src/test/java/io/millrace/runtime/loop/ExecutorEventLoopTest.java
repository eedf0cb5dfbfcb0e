package io.millrace.runtime.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExecutorEventLoopTest {

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final EventLoop loop = new ExecutorEventLoop(executor, () -> false);
    private final BlockingQueue<LogRecord> logged = new LinkedBlockingQueue<>();
    private final Logger logger = Logger.getLogger(ExecutorEventLoop.class.getName());
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord logRecord) {
                    logged.add(logRecord);
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    @BeforeEach
    void listen() {
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    @AfterEach
    void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
        executor.shutdownNow();
    }

    private static Runnable failing(Error failure) {
        return () -> {
            throw failure;
        };
    }

    @Test
    void theFailureOfATaskIsLoggedAsAnError() throws InterruptedException {
        Error failure = new AssertionError("the test's failure");
        loop.execute(failing(failure));
        loop.schedule(Duration.ofNanos(1), failing(failure));

        for (int i = 0; i < 2; i++) {
            LogRecord found = logged.take();
            assertThat(found.getLevel()).isEqualTo(Level.SEVERE);
            assertThat(found.getThrown()).isSameAs(failure);
        }
    }

    @Test
    void theTasksAfterAFailureRun() {
        CompletableFuture<Void> ran = new CompletableFuture<>();
        loop.execute(failing(new AssertionError("the test's failure")));
        loop.execute(() -> ran.complete(null));

        ran.join();
    }

    @Test
    void theDurationOfEachTaskIsReported() throws Exception {
        BlockingQueue<Long> durations = new LinkedBlockingQueue<>();
        EventLoop measured = new ExecutorEventLoop(executor, () -> false, durations::add);
        measured.execute(() -> {});
        measured.execute(failing(new AssertionError("the test's failure")));
        assertThat(durations.poll(10, TimeUnit.SECONDS)).isNotNegative();
        assertThat(durations.poll(10, TimeUnit.SECONDS)).isNotNegative();
    }
}
