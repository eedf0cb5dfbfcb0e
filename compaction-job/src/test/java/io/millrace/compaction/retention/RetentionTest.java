package io.millrace.compaction.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.VerifiedClock;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.object.FaultyObjectStore;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.MemoryObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetentionTest {

    private static final long NOW_MS = 1_700_000_000_000L;
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = new MetadataFixture(loop);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private List<RegisteredNode> members =
            List.of(member("here", fixture.metadata().incarnation(), Role.COMPACTION));
    private long nowMs = NOW_MS;
    private long bucketMs = NOW_MS;
    private final FaultyObjectStore bucket =
            new FaultyObjectStore(
                    new MemoryObjectStore(Runnable::run, () -> Instant.ofEpochMilli(bucketMs)));
    private long blocks;

    private static RegisteredNode member(String node, long incarnation, Role... roles) {
        return new RegisteredNode(node, incarnation, Set.of(roles), "", "host", 1, 3, 0);
    }

    /** Writes ten records of 100 bytes. */
    private void write(Topic topic, int partition, long timeMs, long storedMs) {
        ObjectRef object =
                new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, blocks++), 1_000, 1_100);
        fixture.propose(
                new Command.BlockCommitted(
                        object,
                        storedMs,
                        List.of(
                                new BatchItem(
                                        topic.id(),
                                        partition,
                                        10,
                                        0,
                                        100,
                                        timeMs,
                                        ProducerStamp.NONE))));
    }

    private Topic topic(String... config) {
        Map<String, String> settings = new java.util.HashMap<>();
        for (int i = 0; i < config.length; i += 2) {
            settings.put(config[i], config[i + 1]);
        }
        return fixture.createTopic("orders", 2, settings);
    }

    private PartitionLog log(Topic topic, int partition) {
        return fixture.metadata().view().partition(topic.id(), partition).orElseThrow();
    }

    private OptionalLong plan(Topic topic) {
        return RetentionPlan.start(log(topic, 0), topic.settings(), OptionalLong.of(nowMs));
    }

    private void start() {
        new RetentionJob(
                        fixture.metadata(),
                        new CompactionDuties(() -> members),
                        new VerifiedClock(
                                fixture.metadata(),
                                bucket,
                                "c",
                                () -> Instant.ofEpochMilli(nowMs),
                                meters),
                        INTERVAL,
                        new RetentionMetrics(meters))
                .start();
    }

    private long appends() {
        return fixture.meters().get("millrace.metadata.append").timer().count();
    }

    private void roundPasses() {
        loop.advance(INTERVAL.plus(Duration.ofSeconds(1)));
    }

    @Test
    void whatIsOlderThanTheRetentionGoes() {
        Topic topic = topic("retention.ms", "1000");
        write(topic, 0, NOW_MS - 3000, NOW_MS - 3000);
        write(topic, 0, NOW_MS - 1001, NOW_MS - 1001);
        write(topic, 0, NOW_MS - 1000, NOW_MS - 1000);

        assertThat(plan(topic)).hasValue(20);
        nowMs++;
        assertThat(plan(topic)).as("all of it").hasValue(30);
        nowMs -= 5000;
        assertThat(plan(topic)).as("a clock earlier than the records' timestamps").isEmpty();
    }

    @Test
    void anExtentAfterAYoungerOneStays() {
        Topic topic = topic("retention.ms", "1000");
        write(topic, 0, NOW_MS, NOW_MS);
        write(topic, 0, NOW_MS - 5000, NOW_MS);

        assertThat(plan(topic)).isEmpty();
    }

    @Test
    void aRecordOfTheFutureIsAsOldAsItsBlock() {
        Topic topic = topic("retention.ms", "1000");
        long farAhead = NOW_MS + Duration.ofDays(3650).toMillis();
        write(topic, 0, farAhead, NOW_MS - 500);
        write(topic, 0, NOW_MS - 400, NOW_MS - 400);

        assertThat(plan(topic)).as("before its block is old enough").isEmpty();
        nowMs += 501;
        assertThat(plan(topic)).as("after its block is old enough").hasValue(10);
    }

    @Test
    void theOldestGoAsLongAsTheRestIsLargeEnough() {
        Topic topic = topic("retention.bytes", "250", "retention.ms", "-1");
        for (int i = 0; i < 5; i++) {
            write(topic, 0, 0, 0);
        }

        assertThat(plan(topic)).hasValue(20);
        assertThat(RetentionPlan.start(log(topic, 1), topic.settings(), OptionalLong.of(nowMs)))
                .isEmpty();
    }

    @Test
    void theStricterOfTimeAndSizeDecides() {
        Topic topic = topic("retention.bytes", "100", "retention.ms", "1000");
        write(topic, 0, NOW_MS - 2000, NOW_MS - 2000);
        write(topic, 0, NOW_MS, NOW_MS);
        write(topic, 0, NOW_MS, NOW_MS);

        assertThat(plan(topic)).hasValue(20);
    }

    @Test
    void withoutLimitsAndWhereOnlyKeysDecideEverythingStays() {
        Topic topic = topic();
        write(topic, 0, 0, 0);

        for (Map<String, String> settings :
                List.of(
                        Map.of("retention.ms", "-1"),
                        Map.of("cleanup.policy", "compact", "retention.bytes", "0"))) {
            assertThat(
                            RetentionPlan.start(
                                    log(topic, 0),
                                    TopicSettings.parse(settings),
                                    OptionalLong.of(nowMs)))
                    .isEmpty();
        }
        assertThat(
                        RetentionPlan.start(
                                log(topic, 0),
                                TopicSettings.parse(Map.of("cleanup.policy", "compact,delete")),
                                OptionalLong.of(nowMs)))
                .hasValue(10);
    }

    @Test
    void theJobGoesOnAsTimePassesAndSettingsChange() {
        Topic topic = topic("retention.ms", "60000");
        write(topic, 0, NOW_MS - 30_000, NOW_MS - 30_000);
        write(topic, 1, NOW_MS - 90_000, NOW_MS - 90_000);
        start();
        roundPasses();
        assertThat(log(topic, 0).logStartOffset()).isZero();
        assertThat(log(topic, 1).logStartOffset()).isEqualTo(10);

        fixture.propose(
                new Command.TopicConfigured(topic.id(), Map.of("retention.ms", "20000"), Set.of()));
        roundPasses();

        assertThat(log(topic, 0).logStartOffset()).isEqualTo(10);
        assertThat(meters.get("millrace.retention.advanced").counter().count()).isEqualTo(2);
    }

    @Test
    void aTopicIsLookedAfterByOneNodeAndByAnotherWhenThatIsGone() {
        List<Topic> topics = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Topic topic = fixture.createTopic("topic-" + i, 1, Map.of("retention.ms", "0"));
            write(topic, 0, 0, 0);
            topics.add(topic);
        }
        RegisteredNode own = members.getFirst();
        members =
                List.of(
                        own,
                        member("other", 1, Role.COMPACTION),
                        member("third", 2, Role.INGEST, Role.FETCH));
        start();
        roundPasses();
        assertThat(topics.stream().filter(topic -> log(topic, 0).logStartOffset() > 0).count())
                .isBetween(1L, 19L);

        members = List.of(own);
        roundPasses();

        assertThat(topics).allMatch(topic -> log(topic, 0).logStartOffset() == 10);
    }

    @Test
    void manyPartitionsAreLookedAtSomeAtATime() {
        Topic topic =
                fixture.createTopic("wide", 3 * RetentionJob.PARTITIONS_PER_TASK + 5, Map.of());
        List<Integer> some =
                List.of(0, RetentionJob.PARTITIONS_PER_TASK, topic.partitionCount() - 1);
        some.forEach(partition -> write(topic, partition, 0, 0));
        start();
        long before = appends();
        roundPasses();

        assertThat(some).allMatch(partition -> log(topic, partition).logStartOffset() == 10);
        assertThat(appends() - before).as("entries").isEqualTo(3);
    }

    @Test
    void aFailedProposalIsDueAgain() {
        Topic topic = topic();
        write(topic, 0, 0, 0);
        start();
        fixture.log()
                .failNextAppend(
                        InMemoryMetadataLog.notAppended(
                                new Problem(Reason.METADATA_UNAVAILABLE, "The log is away.")));
        roundPasses();
        assertThat(log(topic, 0).logStartOffset()).isZero();
        assertThat(meters.get("millrace.retention.failures").counter().count()).isEqualTo(1);

        roundPasses();

        assertThat(log(topic, 0).logStartOffset()).isEqualTo(10);
        assertThat(meters.get("millrace.retention.failures").counter().count()).isEqualTo(1);
    }

    private double disagreements() {
        return meters.get("millrace.clock.disagreements").counter().count();
    }

    @Test
    void aClockThatDiffersFromTheBucketsRemovesNothingByTime() {
        Topic topic = topic("retention.ms", "" + Duration.ofDays(7).toMillis());
        write(topic, 0, NOW_MS, NOW_MS);
        nowMs += Duration.ofDays(8).toMillis();
        start();
        roundPasses();
        roundPasses();
        assertThat(log(topic, 0).logStartOffset()).isZero();
        assertThat(disagreements()).isEqualTo(2);

        fixture.propose(
                new Command.TopicConfigured(topic.id(), Map.of("retention.bytes", "0"), Set.of()));
        roundPasses();
        assertThat(log(topic, 0).logStartOffset()).as("by size").isEqualTo(10);
    }

    @Test
    void retentionResumesWhenTheBucketConfirmsTheTime() {
        Topic topic = topic("retention.ms", "" + Duration.ofDays(7).toMillis());
        write(topic, 0, NOW_MS, NOW_MS);
        start();
        roundPasses();
        nowMs += Duration.ofDays(8).toMillis();
        bucketMs = nowMs - Duration.ofMinutes(4).toMillis();
        roundPasses();
        assertThat(log(topic, 0).logStartOffset()).isEqualTo(10);
        assertThat(disagreements()).isZero();
        assertThat(bucket.uploads().listUnfinished("", Optional.empty(), 1000).join().uploads())
                .isEmpty();
    }

    @Test
    void withoutTheBucketsTimeTheRoundIsRepeated() {
        Topic topic = topic("retention.ms", "1000");
        write(topic, 0, 0, 0);
        bucket.byDefault(
                Fault.failing(new ObjectStoreException.Unavailable("the bucket is away", null)));
        start();
        roundPasses();
        assertThat(log(topic, 0).logStartOffset()).isZero();
        assertThat(meters.get("millrace.retention.failures").counter().count()).isEqualTo(1);

        bucket.byDefault(Fault.none());
        roundPasses();
        assertThat(log(topic, 0).logStartOffset()).isEqualTo(10);
    }
}
