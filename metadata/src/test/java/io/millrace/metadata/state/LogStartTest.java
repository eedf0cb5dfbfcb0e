package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.Extent;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.state.partition.DereferencedTable;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogStartTest {

    private final StateDriver driver = new StateDriver();
    private final Topic topic = driver.createTopic("orders", 3);

    private BatchItem batch(int partition, int records, long position) {
        return new BatchItem(topic.id(), partition, records, position, 100, 5, ProducerStamp.NONE);
    }

    private Outcome advance(LogStart... starts) {
        return driver.apply(new Command.LogStartAdvanced(topic.id(), List.of(starts)));
    }

    private static RowOutcome rejected(Reason reason) {
        return new RowOutcome.Rejected(reason);
    }

    @Test
    void eachPartitionIsTrimmedOnItsOwn() {
        driver.commit(0, batch(0, 10, 0), batch(1, 10, 100));

        assertThat(
                        advance(
                                new LogStart(1, 10),
                                new LogStart(0, 11),
                                new LogStart(0, 0),
                                new LogStart(7, 1),
                                new LogStart(0, 4)))
                .isEqualTo(
                        new Outcome.Rows(
                                List.of(
                                        new RowOutcome.Accepted(),
                                        rejected(Reason.OFFSET_OUT_OF_RANGE),
                                        rejected(Reason.OFFSET_OUT_OF_RANGE),
                                        rejected(Reason.UNKNOWN_PARTITION),
                                        new RowOutcome.Accepted())));
        assertThat(driver.partition(topic, 0).logStartOffset()).isEqualTo(4);
        assertThat(driver.partition(topic, 0).extents(4, 1))
                .as("what the offset lies in stays whole")
                .extracting(Extent::baseOffset)
                .containsExactly(0L);
        assertThat(driver.partition(topic, 0).extents(3, 1)).isEmpty();
        assertThat(driver.partition(topic, 1).sizeBytes()).isZero();
    }

    @Test
    void aLogWithoutExtentsContinuesAtItsEnd() {
        driver.commit(0, batch(0, 10, 0));
        advance(new LogStart(0, 10));
        driver.commit(0, batch(0, 5, 0));

        assertThat(driver.partition(topic, 0).logStartOffset()).isEqualTo(10);
        assertThat(driver.partition(topic, 0).extents(10, 1))
                .extracting(Extent::baseOffset)
                .containsExactly(10L);
    }

    @Test
    void anObjectIsDereferencedWithItsLastExtentAndRememberedThroughACheckpoint() {
        driver.commit(0, batch(0, 10, 0), batch(1, 10, 100));
        driver.commit(0, batch(0, 10, 0));

        advance(new LogStart(0, 20));
        assertThat(driver.state().sizes().dereferenced()).as("one is in partition 1 too").isOne();
        advance(new LogStart(1, 10));
        driver.restart();

        assertThat(driver.state().sizes().objects()).isZero();
        assertThat(driver.state().sizes().dereferenced()).isEqualTo(2);
        assertThat(driver.state().sizes().dereferencedBytes()).isEqualTo(2 * 1_100_000);
    }

    @Test
    void neighboursDereferencedTogetherShareARow() {
        DereferencedTable table = new DereferencedTable();
        List<Long> sequences = List.of(4L, 2L, 3L, 9L);
        for (long sequence : sequences) {
            table.add(
                    new io.millrace.storage.stream.ObjectId(
                            io.millrace.storage.stream.ObjectId.Kind.WAL, 7, sequence),
                    10);
        }
        table.finishEntry(5);

        assertThat(table.upTo(5, Integer.MAX_VALUE))
                .extracting(
                        DereferencedObjects::sequence,
                        DereferencedObjects::count,
                        DereferencedObjects::sizeBytes,
                        DereferencedObjects::entry)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(2L, 3L, 30L, 5L),
                        org.assertj.core.groups.Tuple.tuple(9L, 1L, 10L, 5L));
    }

    @Test
    void onlyObjectsUpToTheNamedEntryAreForgotten() {
        driver.commit(0, batch(0, 10, 0));
        driver.commit(0, batch(0, 10, 0));
        advance(new LogStart(0, 10));
        long first = driver.state().entries();
        advance(new LogStart(0, 20));
        assertThat(driver.state().objects().dereferenced(first - 1, Integer.MAX_VALUE)).isEmpty();
        assertThat(driver.state().objects().dereferenced(first, Integer.MAX_VALUE)).hasSize(1);

        driver.apply(new Command.ObjectsForgotten(first));
        driver.restart();
        assertThat(driver.state().sizes().dereferenced()).isOne();
        assertThat(driver.state().sizes().dereferencedBytes()).isEqualTo(1_100_000);
        assertThat(driver.state().objects().dereferenced(first, Integer.MAX_VALUE)).isEmpty();
        assertThat(driver.state().objects().dereferenced(first + 1, Integer.MAX_VALUE)).hasSize(1);
    }

    @Test
    void objectsDereferencedByTheForgettingEntryStay() {
        driver.commit(0, batch(0, 10, 0));
        driver.applyTogether(
                new Command.LogStartAdvanced(topic.id(), List.of(new LogStart(0, 10))),
                new Command.ObjectsForgotten(Long.MAX_VALUE));

        assertThat(driver.state().sizes().dereferenced()).isOne();
    }

    @Test
    void aDeletedTopicsObjectsAreRememberedToo() {
        driver.commit(0, batch(0, 10, 0));
        driver.apply(new Command.TopicDeleted(topic.id()));

        assertThat(driver.state().sizes().dereferenced()).isOne();
        assertThat(advance(new LogStart(0, 1))).isInstanceOf(Outcome.CommandRejected.class);
    }

    @Test
    void listenersAreNotifiedOfATrim() {
        driver.commit(0, batch(0, 10, 0));
        driver.state().reportChanges((topicId, partition) -> {});
        advance(new LogStart(0, 5), new LogStart(0, 5), new LogStart(2, 5));
        List<Integer> changed = new ArrayList<>();
        driver.state().reportChanges((topicId, partition) -> changed.add(partition));

        assertThat(changed).containsExactly(0);
    }
}
