package io.millrace.compaction.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.usage.StoredUsage.LevelUsage;
import io.millrace.compaction.usage.StoredUsage.StorageLevel;
import io.millrace.compaction.usage.StoredUsage.TopicUsage;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.topic.Topic;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StoredUsageTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final Topic orders = fixture.createTopic("orders", 2);
    private final Topic logs = fixture.createTopic("logs", 1);
    private long blocks;

    /** Writes a block with a batch of 100 bytes for each partition. */
    private void write(BatchItem... batches) {
        fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, blocks++), 1_000, 1_100),
                        0,
                        List.of(batches)));
    }

    private static BatchItem batch(Topic topic, int partition, long position) {
        return new BatchItem(topic.id(), partition, 10, position, 100, 0, ProducerStamp.NONE);
    }

    private StoredUsage usage() {
        return usage(LogManifest.EMPTY);
    }

    private StoredUsage usage(LogManifest past) {
        CompletableFuture<StoredUsage> counted = StoredUsage.of(fixture.metadata(), past);
        loop.advance(Duration.ofMillis(1));
        return counted.join();
    }

    @Test
    void anObjectCountsOnceForEachTopicThatHasSomethingInIt() {
        fixture.createTopic("empty", 1);
        write(batch(orders, 0, 0), batch(orders, 1, 100), batch(logs, 0, 200));
        write(batch(orders, 1, 0), batch(logs, 0, 100), batch(orders, 0, 200));
        write(batch(orders, 1, 0));

        assertThat(usage().topics())
                .containsExactly(
                        new TopicUsage("empty", 0, 0),
                        new TopicUsage("logs", 2, 200),
                        new TopicUsage("orders", 3, 500));
    }

    @Test
    void manyPartitionsAreCountedAlthoughTopicsAreDeletedMeanwhile() {
        Topic wide = fixture.createTopic("wide", 30_000);
        fixture.createTopic("x", 1);
        write(batch(wide, 0, 0), batch(wide, 29_999, 100), batch(logs, 0, 200));
        CompletableFuture<StoredUsage> counted =
                StoredUsage.of(fixture.metadata(), LogManifest.EMPTY);
        assertThat(counted).isNotDone();

        fixture.propose(new Command.TopicDeleted(wide.id()));
        loop.advance(Duration.ofMillis(1));

        assertThat(counted.join().topics())
                .contains(new TopicUsage("logs", 1, 100), new TopicUsage("orders", 0, 0))
                .extracting(TopicUsage::topic)
                .containsExactly("logs", "orders", "wide", "x");
    }

    @Test
    void thePastOfTheMetadataLogIsALevelInWhichNothingOfTopicsIsAlive() {
        LogManifest past =
                LogManifest.EMPTY
                        .with(
                                StoredArchive.newBuilder()
                                        .setKey("a")
                                        .setEpoch(1)
                                        .setFirstPosition(1)
                                        .setEntries(9)
                                        .setSizeBytes(70)
                                        .build())
                        .with(
                                StoredCheckpoint.newBuilder()
                                        .setKey("b")
                                        .setPosition(5)
                                        .setSizeBytes(500)
                                        .build(),
                                8);

        assertThat(usage(past).levels()).contains(new LevelUsage(StorageLevel.METADATA, 2, 570, 0));
        assertThat(usage().levels()).contains(new LevelUsage(StorageLevel.METADATA, 0, 0, 0));
    }

    @Test
    void oneNodeShowsObjectsOfLevelsAndTopics() {
        write(batch(orders, 0, 0), batch(logs, 0, 100));
        write(batch(orders, 0, 0));
        assertThat(shown(true)).containsExactlyInAnyOrder("orders 2", "logs 1", "wal_block 2");
        assertThat(shown(false)).isEmpty();
    }

    /** Returns the metrics with positive values. */
    private List<String> shown(boolean duty) {
        RegisteredNode here =
                new RegisteredNode(
                        "here",
                        fixture.metadata().incarnation(),
                        Set.of(Role.COMPACTION),
                        "",
                        "host",
                        1,
                        FeatureLevels.ALL.newest(),
                        0);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new UsageSurvey(
                        fixture.metadata(),
                        new CompactionDuties(() -> duty ? List.of(here) : List.of()),
                        Duration.ofMinutes(1),
                        meters)
                .start();
        loop.advance(Duration.ofSeconds(1));
        return Stream.of("millrace.topic.objects", "millrace.stored.objects")
                .flatMap(name -> meters.find(name).gauges().stream())
                .filter(gauge -> gauge.value() > 0)
                .map(gauge ->
                        gauge.getId().getTags().getFirst().getValue()
                                + " "
                                + Math.round(gauge.value()))
                .toList();
    }
}
