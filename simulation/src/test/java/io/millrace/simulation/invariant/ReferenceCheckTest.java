package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReferenceCheckTest {

    private static final long TOPIC = 1;

    private final Violations violations = new Violations();
    private final WholeLog log = new WholeLog();
    private final ReferenceCheck check = new ReferenceCheck(log, violations);

    ReferenceCheckTest() {
        log.entry(entry(new Command.TopicCreated("t", 1, Map.of())));
        log.entry(block(0));
        log.entry(block(1));
    }

    private byte[] entry(Command command) {
        return EntryCodec.encode(new Entry(9, log.newest() + 1, List.of(command)));
    }

    private byte[] block(long sequence) {
        return entry(
                new Command.BlockCommitted(
                        new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, sequence), 100, 200),
                        0,
                        List.of(new BatchItem(TOPIC, 0, 1, 0, 100, 0, ProducerStamp.NONE))));
    }

    private byte[] trim(long offset) {
        return entry(new Command.LogStartAdvanced(TOPIC, List.of(new LogStart(0, offset))));
    }

    /** Applies the next entry to the production state only. */
    private void applyToState(byte[] entry) {
        log.state().apply(EntryCodec.decode(entry));
    }

    @Test
    void acceptsAStateWithTheReferencesOfTheLog() {
        log.entry(trim(1));
        check.entry();
        check.compare();

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAStateThatHasForgottenAnObject() {
        applyToState(trim(1));
        check.entry();

        assertThat(violations.first()).contains("references 1 objects, but the log 2");
    }

    @Test
    void detectsAStateWithAnotherObject() {
        applyToState(trim(1));
        applyToState(EntryCodec.encode(new Entry(9, 5, EntryCodec.decode(block(2)).commands())));
        check.compare();

        assertThat(violations.first()).contains("lacks references to");
    }
}
