package io.millrace.security.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class QueuedAuditLogTest {

    private static final Caller ALICE =
            new Caller(Principal.user("alice"), "10.0.0.1", Caller.NEVER);
    private static final Problem REFUSAL = new Problem(Reason.NOT_AUTHORIZED, "No right.");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    /** A sink that writes when the test permits, and can fail. */
    private static final class GatedSink implements AuditSink {

        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final Semaphore begun = new Semaphore(0);
        private final Semaphore permits = new Semaphore(0);
        private volatile boolean full;

        @Override
        public void write(byte[] bytes) throws IOException {
            begun.release();
            permits.acquireUninterruptibly();
            if (full) {
                throw new IOException("No space left on device");
            }
            lines.addAll(new String(bytes, UTF_8).lines().toList());
        }

        @Override
        public void close() {}
    }

    private QueuedAuditLog open(AuditSink sink) {
        return new QueuedAuditLog(
                sink,
                "the test",
                Executors.newSingleThreadExecutor(),
                InstantSource.fixed(Instant.EPOCH),
                () -> 0,
                AuditMeters.of(registry));
    }

    private double count(String name) {
        return registry.get(name).counter().count();
    }

    @Test
    void operationsAreWrittenInOrderWithTheirResult() throws IOException {
        GatedSink sink = new GatedSink();
        sink.permits.release(10);
        try (QueuedAuditLog log = open(sink)) {
            log.succeeded(ALICE, "CreateTopic", "TOPIC t", "name: \"t\"");
            log.failed(
                    ALICE, "CreateTopic", "TOPIC t", new Problem(Reason.TOPIC_EXISTS, "Exists."));
            log.refused(ALICE, "DeleteTopic", "TOPIC t", REFUSAL);
            log.unauthenticated("10.0.0.2", "Fetch", new Problem(Reason.UNAUTHENTICATED, "Who?"));
        }
        assertThat(sink.lines).hasSize(4);
        assertThat(sink.lines.get(0)).contains("\"result\":\"OK\"", "User:alice", "TOPIC t");
        assertThat(sink.lines.get(1)).contains("\"result\":\"TOPIC_EXISTS\"");
        assertThat(sink.lines.get(2)).contains("\"result\":\"NOT_AUTHORIZED\"", "DeleteTopic");
        assertThat(sink.lines.get(3)).contains("\"principal\":\"\"", "10.0.0.2");
        assertThat(count("millrace.audit.events")).isEqualTo(4);
    }

    @Test
    void aBlockedWriterDelaysNoCallerAndDropsAreCounted() throws Exception {
        GatedSink sink = new GatedSink();
        QueuedAuditLog log = open(sink);
        log.succeeded(ALICE, "First", "", "");
        // The writer has taken the first event out of the queue.
        sink.begun.acquire();
        for (int i = 0; i < QueuedAuditLog.MAX_QUEUED + 7; i++) {
            log.succeeded(ALICE, "Next", "", "");
        }
        assertThat(count("millrace.audit.dropped")).isEqualTo(7);
        sink.permits.release(QueuedAuditLog.MAX_QUEUED);
        log.close();
        assertThat(sink.lines).hasSize(QueuedAuditLog.MAX_QUEUED + 1);
    }

    @Test
    void eventsThatCannotBeWrittenAreCountedAndLaterEventsAreWritten() throws Exception {
        GatedSink sink = new GatedSink();
        sink.full = true;
        QueuedAuditLog log = open(sink);
        log.succeeded(ALICE, "Lost", "", "");
        sink.permits.release();
        sink.begun.acquire();
        log.succeeded(ALICE, "Written", "", "");
        sink.begun.acquire();
        sink.full = false;
        sink.permits.release();
        log.close();
        assertThat(sink.lines).singleElement().asString().contains("Written");
        assertThat(count("millrace.audit.dropped")).isEqualTo(1);
    }

    @Test
    void unauthenticatedClientsDoNotSuppressRefusalsOfPrincipals() throws IOException {
        GatedSink sink = new GatedSink();
        sink.permits.release(1000);
        try (QueuedAuditLog log = open(sink)) {
            for (int i = 0; i < 1000; i++) {
                log.unauthenticated("10.0.1." + i, "Fetch", REFUSAL);
            }
            log.refused(ALICE, "Produce", "TOPIC t", REFUSAL);
        }
        assertThat(sink.lines).last().asString().contains("User:alice");
    }

    @Test
    void aHostHasOneLimitForAllMethods() throws IOException {
        GatedSink sink = new GatedSink();
        sink.permits.release(1000);
        try (QueuedAuditLog log = open(sink)) {
            for (int i = 0; i < 50; i++) {
                log.unauthenticated("10.0.0.2", "Method" + i, REFUSAL);
            }
        }
        assertThat(sink.lines).hasSize(RefusalLimiter.BURST);
    }

    @Test
    void aFloodOfRefusedOperationsIsSuppressedAndCounted() throws IOException {
        GatedSink sink = new GatedSink();
        sink.permits.release(1000);
        try (QueuedAuditLog log = open(sink)) {
            for (int i = 0; i < 1000; i++) {
                log.refused(ALICE, "Produce", "TOPIC t", REFUSAL);
            }
            log.succeeded(ALICE, "CreateTopic", "TOPIC t", "");
        }
        assertThat(sink.lines).hasSize(RefusalLimiter.BURST + 1);
        assertThat(count("millrace.audit.suppressed")).isEqualTo(1000 - RefusalLimiter.BURST);
    }
}
