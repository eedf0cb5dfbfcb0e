package io.millrace.security.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.millrace.protocol.error.Problem;
import io.millrace.security.principal.Caller;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * An audit log that a thread of its own writes. At most {@link #MAX_QUEUED} events wait; further
 * events, and events that cannot be written, are dropped, counted and reported in the server's log.
 * Any thread.
 */
public final class QueuedAuditLog implements AuditLog, AutoCloseable {

    static final int MAX_QUEUED = 10_000;

    private static final Logger LOG = Logger.getLogger(QueuedAuditLog.class);

    private static final int MAX_LINES_IN_A_WRITE = 256;
    private static final int CLOSE_SECONDS = 2;
    private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    private final AuditSink sink;
    private final String destination;
    private final ExecutorService writer;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final RefusalLimiter refusals;
    private final RefusalLimiter rejections;
    private final BlockingQueue<AuditEvent> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
    private final Counter written;
    private final Counter dropped;
    private final Counter suppressed;
    private volatile boolean closing;
    // Owned by the writer.
    private long nextLogNanos;
    private double loggedDrops;

    /**
     * Starts to write.
     *
     * @param destination the name of the sink in log messages
     * @param writer a single thread for this log only; shut down by {@link #close}
     * @param nanoTime a monotonic clock for any thread
     */
    public QueuedAuditLog(
            AuditSink sink,
            String destination,
            ExecutorService writer,
            InstantSource clock,
            LongSupplier nanoTime,
            AuditMeters meters) {
        this.sink = sink;
        this.destination = destination;
        this.writer = writer;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.refusals = new RefusalLimiter(nanoTime.getAsLong());
        this.rejections = new RefusalLimiter(nanoTime.getAsLong());
        this.written = meters.written();
        this.dropped = meters.dropped();
        this.suppressed = meters.suppressed();
        this.nextLogNanos = nanoTime.getAsLong();
        writer.execute(this::writeAll);
    }

    @Override
    public boolean isOn() {
        return true;
    }

    @Override
    public void succeeded(Caller caller, String method, String resource, String request) {
        add(event(caller, method, resource, AuditEvent.OK, request));
    }

    @Override
    public void failed(Caller caller, String method, String resource, Problem problem) {
        add(event(caller, method, resource, problem.reason().name(), problem.message()));
    }

    @Override
    public void refused(Caller caller, String method, String resource, Problem problem) {
        addLimited(
                refusals.admit(caller.principal().text(), method, nanoTime.getAsLong()),
                event(caller, method, resource, problem.reason().name(), problem.message()));
    }

    @Override
    public void unauthenticated(String host, String method, Problem problem) {
        // Without a method, so that a host has no more lines by calling many methods.
        addLimited(
                rejections.admit(host, "", nanoTime.getAsLong()),
                new AuditEvent(
                        clock.millis(),
                        "",
                        host,
                        method,
                        "",
                        problem.reason().name(),
                        problem.message(),
                        0));
    }

    private AuditEvent event(
            Caller caller, String method, String resource, String result, String detail) {
        return new AuditEvent(
                clock.millis(),
                caller.principal().text(),
                caller.host(),
                method,
                resource,
                result,
                detail,
                0);
    }

    private void addLimited(OptionalLong leftOut, AuditEvent event) {
        if (leftOut.isEmpty()) {
            suppressed.increment();
        } else {
            add(event.withSuppressed(leftOut.getAsLong()));
        }
    }

    private void add(AuditEvent event) {
        if (closing || !queue.offer(event)) {
            dropped.increment();
        }
    }

    private void writeAll() {
        List<AuditEvent> batch = new ArrayList<>(MAX_LINES_IN_A_WRITE);
        while (!closing || !queue.isEmpty()) {
            try {
                AuditEvent first = queue.poll(1, TimeUnit.SECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, MAX_LINES_IN_A_WRITE - 1);
                    write(batch);
                    batch.clear();
                }
                reportDrops();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void write(List<AuditEvent> batch) {
        StringBuilder lines = new StringBuilder();
        batch.forEach(event -> lines.append(AuditLine.of(event)));
        try {
            sink.write(lines.toString().getBytes(UTF_8));
            written.increment(batch.size());
        } catch (IOException failure) {
            dropped.increment(batch.size());
            long nowNanos = nanoTime.getAsLong();
            if (nowNanos - nextLogNanos >= 0) {
                LOG.errorf(
                        "The audit log cannot be written to %s: %s. Its events are dropped until a write"
                                + " succeeds: make room, or correct millrace.audit-log. Reported once a minute.",
                        destination, failure);
            }
        }
    }

    private void reportDrops() {
        long nowNanos = nanoTime.getAsLong();
        double drops = dropped.count();
        if (drops > loggedDrops && nowNanos - nextLogNanos >= 0) {
            nextLogNanos = nowNanos + LOG_PAUSE_NANOS;
            LOG.errorf(
                    "%.0f events are missing in the audit log since the last report, because %s is not"
                            + " written or more than %d events waited: see millrace_audit_dropped_total.",
                    drops - loggedDrops, destination, MAX_QUEUED);
            loggedDrops = drops;
        }
    }

    /** Writes the events that wait, for up to two seconds. */
    @Override
    public void close() throws IOException {
        closing = true;
        writer.shutdown();
        try {
            if (!writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        sink.close();
    }
}
