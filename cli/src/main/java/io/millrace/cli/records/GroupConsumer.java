package io.millrace.cli.records;

import io.millrace.cli.terminal.OutputFailedException;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.subscription.BatchHandler;
import io.millrace.client.subscription.Subscription;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.runtime.SystemAccess;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * Writes the records delivered to a group member, up to a number of records or until a signal.
 * Writes precede commits. Thread-safe as a handler.
 */
@SystemAccess("ends with the process")
final class GroupConsumer implements BatchHandler {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

    private final RecordPrinter writer;
    private final PrintStream err;
    private long left;

    /**
     * @param atMost the maximum number of records; at least 1
     */
    GroupConsumer(RecordPrinter writer, long atMost, PrintStream err) {
        this.writer = writer;
        this.left = atMost;
        this.err = err;
    }

    void run(MillraceClient client, SubscriptionSettings settings) {
        Subscription subscription = client.subscribe(settings, this);
        Thread atEnd = new Thread(() -> leave(subscription), "millrace-leave");
        Runtime.getRuntime().addShutdownHook(atEnd);
        try (WaitWatch watch = new WaitWatch(subscription::stallReason, err)) {
            subscription.done().join();
        } catch (CompletionException ended) {
            throw reason(ended);
        } finally {
            forget(atEnd);
        }
    }

    private void leave(Subscription subscription) {
        try {
            subscription.close(CLOSE_TIMEOUT);
        } catch (MillraceException failed) {
            err.println(failed.getMessage());
        }
    }

    private static void forget(Thread atEnd) {
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException isEnding) {
            // The hook is running.
        }
    }

    private static RuntimeException reason(CompletionException ended) {
        Throwable cause = ended.getCause();
        if (cause instanceof MillraceException.HandlerFailed
                && cause.getCause() instanceof OutputFailedException failed) {
            return failed;
        }
        return cause instanceof MillraceException failure ? failure : ended;
    }

    @Override
    public synchronized void handle(ReadBatch batch, Subscription subscription) {
        for (ReadRecord record : batch) {
            if (left == 0) {
                // Records that were not written must not be committed.
                subscription.seek(batch.partition(), StartPosition.offset(record.offset()));
                break;
            }
            writer.write(record);
            left--;
        }
        writer.flush();
        if (left == 0) {
            var unused = subscription.closeAsync(CLOSE_TIMEOUT);
        }
    }
}
