package io.millrace.metadata.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.CleanedTo;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of the offsets up to which partitions are cleaned. */
class CleanedTest {

    private final StateDriver driver = new StateDriver();
    private final Topic topic = driver.createTopic("orders", 2);

    CleanedTest() {
        driver.commit(0, new BatchItem(topic.id(), 0, 10, 16, 100, 5, ProducerStamp.NONE));
    }

    private Outcome clean(CleanedTo... rows) {
        return driver.apply(new Command.KeysCompacted(topic.id(), List.of(rows)));
    }

    private long cleanedTo(int partition) {
        return driver.state().objects().cleanedTo(topic.id(), partition);
    }

    @Test
    void theOffsetOnlyAdvancesAndNotPastTheEnd() {
        assertThat(cleanedTo(0)).isZero();
        assertThat(clean(new CleanedTo(0, 4), new CleanedTo(1, 1), new CleanedTo(2, 1)))
                .isEqualTo(
                        new Outcome.Rows(
                                List.of(
                                        new RowOutcome.Accepted(),
                                        new RowOutcome.Rejected(Reason.OFFSET_OUT_OF_RANGE),
                                        new RowOutcome.Rejected(Reason.UNKNOWN_PARTITION))));
        assertThat(clean(new CleanedTo(0, 4), new CleanedTo(0, 11), new CleanedTo(0, 10)))
                .isEqualTo(
                        new Outcome.Rows(
                                List.of(
                                        new RowOutcome.Superseded(),
                                        new RowOutcome.Rejected(Reason.OFFSET_OUT_OF_RANGE),
                                        new RowOutcome.Accepted())));
        assertThat(cleanedTo(0)).isEqualTo(10);
    }

    @Test
    void aCheckpointKeepsTheOffset() {
        clean(new CleanedTo(0, 7));
        driver.restart();
        assertThat(cleanedTo(0)).isEqualTo(7);
    }

    @Test
    void theOffsetIsRemovedWithItsTopic() {
        clean(new CleanedTo(0, 7));
        driver.apply(new Command.TopicDeleted(topic.id()));
        assertThat(cleanedTo(0)).isZero();
        assertThat(clean(new CleanedTo(0, 8))).isInstanceOf(Outcome.CommandRejected.class);
    }
}
