package io.millrace.kafka.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.fetch.LeaderEpochs.EpochEnd;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class LeaderEpochsTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final InMemoryMetadataLog.Storage storage = new InMemoryMetadataLog.Storage();
    private MetadataFixture fixture = new MetadataFixture(loop, storage, 1);
    private final Topic topic = fixture.createTopic("t", 1);
    private long blocks;

    private void append(int records) {
        fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, blocks++), 1_000, 1_100),
                        5,
                        List.of(
                                new BatchItem(
                                        topic.id(), 0, records, 16, 100, 4, ProducerStamp.NONE))));
    }

    private void restore() {
        storage.raiseGeneration();
        fixture = new MetadataFixture(loop, storage, 2);
    }

    private LeaderEpochs epochs() {
        return new LeaderEpochs((int) fixture.metadata().generation());
    }

    private EpochEnd endOf(int epoch) {
        PartitionLog log = fixture.metadata().view().partition(topic.id(), 0).orElseThrow();
        return epochs().endOf(log, epoch);
    }

    @Test
    void beforeARestoreTheEpochEndsAtTheHighWatermark() {
        append(7);

        assertThat(endOf(1)).isEqualTo(new EpochEnd(1, 7));
        assertThat(endOf(0)).isEqualTo(EpochEnd.UNDEFINED);
        assertThat(endOf(2)).isEqualTo(EpochEnd.UNDEFINED);
    }

    @Test
    void afterARestoreTheEarlierEpochEndsWhereTheBackupDid() {
        append(7);
        restore();
        assertThat(endOf(1)).isEqualTo(new EpochEnd(1, 7));
        assertThat(endOf(2)).isEqualTo(new EpochEnd(2, 7));

        append(5);
        assertThat(endOf(1)).isEqualTo(new EpochEnd(1, 7));
        assertThat(endOf(2)).isEqualTo(new EpochEnd(2, 12));
    }

    @Test
    void requestsUnderAnotherEpochAreRefused() {
        restore();

        assertThat(epochs().problem(-1)).isEqualTo(Errors.NONE);
        assertThat(epochs().problem(2)).isEqualTo(Errors.NONE);
        assertThat(epochs().problem(1)).isEqualTo(Errors.FENCED_LEADER_EPOCH);
        assertThat(epochs().problem(3)).isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
    }
}
