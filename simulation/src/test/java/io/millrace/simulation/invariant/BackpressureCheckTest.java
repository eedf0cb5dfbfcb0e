package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.ingest.block.CommitTiming;
import io.millrace.ingest.block.ProduceOutcome;
import io.millrace.ingest.block.ProduceReply;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class BackpressureCheckTest {

    private static final int MAX = 10;
    private static final ProduceOutcome STORED =
            new ProduceOutcome.Acknowledged(0, 0, false, new CommitTiming(0, 0, 0, 0));
    private static final ProduceOutcome AFTER =
            new ProduceOutcome.Rejected(
                    new Problem(Reason.OVERLOADED, "small objects are not merged; try again"));

    private final SimulatedEventLoop world = new SimulatedEventLoop();
    private final Violations violations = new Violations();
    private final WholeLog log = new WholeLog();
    private final BackpressureCheck check = new BackpressureCheck(world, log, violations, MAX);
    private long sequence;

    BackpressureCheckTest() {
        append(new Command.TopicCreated("t", 1, Map.of()));
    }

    private void append(Command command) {
        log.entry(EntryCodec.encode(new Entry(9, log.newest() + 1, List.of(command))));
        check.entry();
    }

    private ProduceReply ask() {
        return check.checkedReply(() -> log.state().objects(), MAX, outcome -> {});
    }

    /** Commits a block, which adds an extent. */
    private void commit() {
        append(
                new Command.BlockCommitted(
                        new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, sequence++), 100, 200),
                        0,
                        List.of(new BatchItem(1, 0, 1, 0, 100, 0, ProducerStamp.NONE))));
    }

    /** Stores batches, each answered after the minimum delay. */
    private void store(int batches) {
        for (int i = 0; i < batches; i++) {
            ProduceReply reply = ask();
            commit();
            world.advance(Duration.ofSeconds(5));
            reply.complete(STORED);
        }
    }

    @Test
    void acceptsDelaysAndThenRejections() {
        store(MAX);
        ask().complete(AFTER);

        assertThat(violations.first()).isNull();
        assertThat(check.delayed()).isPositive();
        assertThat(check.rejected()).isEqualTo(1);
    }

    @Test
    void detectsAFullNodeThatAccepts() {
        store(MAX);
        ProduceReply reply = ask();
        world.advance(Duration.ofSeconds(5));
        reply.complete(STORED);

        assertThat(violations.first()).contains("accepted a request");
    }

    @Test
    void detectsARejectionBelowTheLimit() {
        store(MAX - 1);
        ask().complete(AFTER);

        assertThat(violations.first()).contains("fewer extents than its limit rejected");
    }

    @Test
    void detectsARejectionForAnotherReason() {
        store(MAX);
        ask().complete(new ProduceOutcome.Rejected(new Problem(Reason.INTERNAL_ERROR, "broken")));

        assertThat(violations.first()).contains("more extents than its limit rejected");
    }

    @Test
    void detectsAnEarlyAnswer() {
        store(MAX - 1);
        ProduceReply reply = ask();
        world.advance(Duration.ofSeconds(2));
        reply.complete(STORED);

        assertThat(violations.first()).contains("minimum delay is 3000 ms");
    }

    @Test
    void detectsMoreExtentsThanWereInFlight() {
        store(MAX);
        commit();
        commit();

        assertThat(violations.first()).contains("1 were in flight");
    }

    @Test
    void countsBatchesWhoseOutcomeIsNotChecked() {
        store(MAX - 1);
        check.received(log.state().objects(), MAX);
        commit();
        commit();
        assertThat(violations.first()).isNull();
        commit();

        assertThat(violations.first()).contains("1 were in flight");
    }

    @Test
    void acceptsExtentsThatWereInFlight() {
        store(MAX - 1);
        ask();
        ask();
        commit();
        commit();

        assertThat(violations.first()).isNull();
    }
}
