package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class GraceCheckTest {

    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final long TOPIC = 1;

    private final SimulatedEventLoop world = new SimulatedEventLoop();
    private final Violations violations = new Violations();
    private final WholeLog log = new WholeLog();
    private final GraceCheck check = new GraceCheck(world, GRACE, log, violations);
    private final ObjectRef block = new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, 0), 100, 200);
    private final ObjectKey key = block.id().key(SimulatedCluster.NAME);

    GraceCheckTest() {
        append(new Command.TopicCreated("t", 1, Map.of()));
        append(
                new Command.BlockCommitted(
                        block,
                        0,
                        List.of(new BatchItem(TOPIC, 0, 1, 0, 100, 0, ProducerStamp.NONE))));
    }

    private void append(Command command) {
        log.entry(EntryCodec.encode(new Entry(9, log.newest() + 1, List.of(command))));
        check.entry();
    }

    /** Removes the last reference to the block. */
    private void trim() {
        append(new Command.LogStartAdvanced(TOPIC, List.of(new LogStart(0, 1))));
    }

    @Test
    void acceptsADeletionAfterTheGracePeriod() {
        world.advance(GRACE);
        trim();
        world.advance(GRACE);
        check.deleting(List.of(key));

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAGracePeriodStartedBeforeTheLastReference() {
        world.advance(GRACE);
        trim();
        world.advance(GRACE.minusMillis(10));
        check.deleting(List.of(key));

        assertThat(violations.first()).contains("is being deleted 2990 ms after");
    }

    @Test
    void theAgeOfAViewStartsWithTheFirstEntryItLacks() {
        world.advance(Duration.ofSeconds(1));
        trim();
        world.advance(Duration.ofSeconds(2));

        assertThat(check.viewAge(3)).isZero();
        assertThat(check.viewAge(2)).isEqualTo(Duration.ofSeconds(2));
        assertThat(check.viewAge(1)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void countsReadsOfUnreferencedObjects() {
        check.reading(key);
        trim();
        check.reading(key);

        assertThat(check.lateReads()).isEqualTo(1);
    }
}
