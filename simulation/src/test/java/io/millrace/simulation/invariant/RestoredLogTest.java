package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.simulation.world.SimulatedCluster;
import io.millrace.simulation.world.Violations;
import io.millrace.simulation.world.WholeLog;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class RestoredLogTest {

    private static final long TOPIC = 1;
    private static final long EARLIER = 9;
    private static final long NEW = 10;
    private static final int BACKUP_ENTRIES = 2;

    private final Violations violations = new Violations();
    private final ObjectRef block = new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 9, 0), 100, 200);
    private final WholeLog lost = new WholeLog();
    private final RestoredLog restored;

    RestoredLogTest() {
        lost.entry(entry(EARLIER, 1, new Command.TopicCreated("t", 1, Map.of())));
        lost.entry(
                entry(
                        EARLIER,
                        2,
                        new Command.BlockCommitted(
                                block,
                                0,
                                List.of(
                                        new BatchItem(
                                                TOPIC, 0, 1, 0, 100, 0, ProducerStamp.NONE)))));
        lost.entry(entry(EARLIER, 3, new Command.ProducerIdsAllocated(5, 1)));
        restored = new RestoredLog(lost, BACKUP_ENTRIES, Set.of(EARLIER), violations);
    }

    private static byte[] entry(long incarnation, long sequence, Command command) {
        return EntryCodec.encode(new Entry(incarnation, sequence, List.of(command)));
    }

    @Test
    void acceptsEntriesAndProducerIdsOfTheNewGeneration() {
        restored.entry(entry(NEW, 1, new Command.ProducerIdsAllocated(5, 2)));

        assertThat(violations.first()).isNull();
        assertThat(restored.hasNewProducerIds()).isTrue();
        assertThat(restored.restoredEntries()).isEqualTo(BACKUP_ENTRIES);
    }

    @Test
    void detectsAnEntryOfAnEarlierGeneration() {
        restored.entry(entry(EARLIER, 3, new Command.TopicCreated("u", 1, Map.of())));

        assertThat(violations.first()).contains("of an earlier generation");
    }

    @Test
    void detectsAProducerIdThatTheBackupLacks() {
        restored.entry(entry(NEW, 1, new Command.ProducerIdsAllocated(1, 1)));

        assertThat(violations.first()).contains("was allocated before the restore and again");
    }

    @Test
    void detectsARecordOfTheNewGenerationThatCountsAsOneOfTheFirst() {
        byte[] unmarked = entry(NEW, 1, append(1));
        byte[] marked = EntryCodec.encode(new Entry(NEW, 1, 2, List.of(append(1))));

        restored.entry(marked);
        assertThat(violations.first()).isNull();
        new RestoredLog(lost, BACKUP_ENTRIES, Set.of(EARLIER), violations).entry(unmarked);
        assertThat(violations.first()).contains("the first generation ends at 2");
    }

    private static Command append(long sequence) {
        return new Command.BlockCommitted(
                new ObjectRef(new ObjectId(ObjectId.Kind.WAL, NEW, sequence), 100, 200),
                0,
                List.of(new BatchItem(TOPIC, 0, 1, 0, 100, 0, ProducerStamp.NONE)));
    }

    @Test
    void detectsTheDeletionOfARestoredObject() {
        restored.deleting(List.of(block.id().key(SimulatedCluster.NAME)));

        assertThat(violations.first()).contains("the restored log references it");
    }
}
