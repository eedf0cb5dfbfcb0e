package io.millrace.cli;

import io.millrace.client.BatchHandler;
import io.millrace.client.MillraceClient;
import io.millrace.client.MillraceException;
import io.millrace.client.ReadBatch;
import io.millrace.client.ReadRecord;
import io.millrace.client.StartAt;
import io.millrace.client.Subscription;
import io.millrace.client.SubscriptionSettings;
import io.millrace.runtime.Edge;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * Writes the records that a member of a group is handed, until there were enough or the process is
 * told to end. What is committed was written out before. Thread-safe as a handler.
 */
@Edge("ends with the process")
final class GroupReading implements BatchHandler {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RecordPrinter writer;
    private final PrintStream err;
    private long left;

    /**
     * @param atMost records to write, more than none
     */
    GroupReading(RecordPrinter writer, long atMost, PrintStream err) {
        this.writer = writer;
        this.left = atMost;
        this.err = err;
    }

    /** Runs to the end. */
    void run(MillraceClient client, SubscriptionSettings settings) {
        Subscription subscription = client.subscribe(settings, this);
        Thread atEnd = new Thread(() -> leave(subscription), "millrace-leave");
        Runtime.getRuntime().addShutdownHook(atEnd);
        try (WaitWatch watch = new WaitWatch(subscription::trouble, err)) {
            subscription.done().join();
        } catch (CompletionException ended) {
            throw reason(ended);
        } finally {
            forget(atEnd);
        }
    }

    private void leave(Subscription subscription) {
        try {
            subscription.close(PATIENCE);
        } catch (MillraceException failed) {
            err.println(failed.getMessage());
        }
    }

    private static void forget(Thread atEnd) {
        try {
            Runtime.getRuntime().removeShutdownHook(atEnd);
        } catch (IllegalStateException isEnding) {
            // It runs.
        }
    }

    private static RuntimeException reason(CompletionException ended) {
        Throwable cause = ended.getCause();
        if (cause instanceof MillraceException.HandlerFailed
                && cause.getCause() instanceof OutputClosed closed) {
            return closed;
        }
        return cause instanceof MillraceException failure ? failure : ended;
    }

    @Override
    public synchronized void handle(ReadBatch batch, Subscription subscription) {
        for (ReadRecord record : batch) {
            if (left == 0) {
                // What is not written is not committed.
                subscription.seek(batch.partition(), StartAt.offset(record.offset()));
                break;
            }
            writer.write(record);
            left--;
        }
        writer.flush();
        if (left == 0) {
            var unused = subscription.closeAsync(PATIENCE);
        }
    }
}
