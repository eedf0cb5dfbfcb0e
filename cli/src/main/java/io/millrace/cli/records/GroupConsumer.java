package io.millrace.cli.records;

import io.millrace.cli.terminal.BrokenPipeException;
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
 * Writes the records that a member of a group is handed, until there were enough or the process is
 * told to end. What is committed was written out before. Thread-safe as a handler.
 */
@SystemAccess("ends with the process")
final class GroupConsumer implements BatchHandler {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RecordPrinter writer;
    private final PrintStream err;
    private long left;

    /**
     * @param atMost records to write, more than none
     */
    GroupConsumer(RecordPrinter writer, long atMost, PrintStream err) {
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
                && cause.getCause() instanceof BrokenPipeException closed) {
            return closed;
        }
        return cause instanceof MillraceException failure ? failure : ended;
    }

    @Override
    public synchronized void handle(ReadBatch batch, Subscription subscription) {
        for (ReadRecord record : batch) {
            if (left == 0) {
                // What is not written is not committed.
                subscription.seek(batch.partition(), StartPosition.offset(record.offset()));
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
