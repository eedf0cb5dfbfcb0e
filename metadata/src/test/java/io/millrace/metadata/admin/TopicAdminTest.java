package io.millrace.metadata.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicAdminTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final MetadataFixture fixture = MetadataFixture.soleWriter(loop);
    private final TopicAdmin admin = new TopicAdmin(fixture.metadata());

    @BeforeEach
    void raiseTheFeatureLevel() {
        loop.advance(Duration.ofSeconds(10));
    }

    private <T> T done(CompletableFuture<T> future) {
        loop.advance(Duration.ofSeconds(1));
        assertThat(future).isDone();
        return future.join();
    }

    private Problem problem(CompletableFuture<?> future) {
        loop.advance(Duration.ofSeconds(1));
        assertThat(future).isCompletedExceptionally();
        return switch (future.exceptionNow()) {
            case ProblemException known -> known.problem();
            case CompletionException wrapped
                    when wrapped.getCause() instanceof ProblemException known ->
                    known.problem();
            case Throwable other -> throw new AssertionError(other);
        };
    }

    private void store(Topic topic, int partition, int records) {
        fixture.propose(
                new Command.BlockCommitted(
                        new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, partition), 1_000, 1_100),
                        5_000,
                        List.of(
                                new BatchItem(
                                        topic.id(),
                                        partition,
                                        records,
                                        0,
                                        100,
                                        4_000,
                                        ProducerStamp.NONE))));
    }

    @Test
    void aCreatedTopicIsListedAndDescribed() {
        Topic topic = done(admin.create("orders", 2, Map.of("retention.ms", "5")));
        store(topic, 1, 3);

        assertThat(done(admin.list("", 0, any -> true)).rows()).containsExactly(topic);
        assertThat(done(admin.describe("orders", "", 0)))
                .isEqualTo(
                        new TopicDescription(
                                topic,
                                List.of(
                                        new TopicDescription.Partition(0, 0, 0, 0),
                                        new TopicDescription.Partition(1, 0, 3, 100)),
                                ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a b", "ä"})
    void anIllegalNameIsRejected(String name) {
        assertThat(problem(admin.create(name, 1, Map.of())).reason())
                .isEqualTo(Reason.INVALID_TOPIC_NAME);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, TopicAdmin.MAX_PARTITIONS + 1})
    void aPartitionCountOutOfRangeIsRejected(int partitions) {
        fixture.createTopic("there", 1);

        assertThat(problem(admin.create("orders", partitions, Map.of())).reason())
                .isEqualTo(Reason.INVALID_PARTITION_COUNT);
        assertThat(problem(admin.addPartitions("there", partitions)).reason())
                .isEqualTo(Reason.INVALID_PARTITION_COUNT);
    }

    @Test
    void anInvalidSettingIsRejectedBeforeTheTopicIsLookedUp() {
        Map<String, String> wrong = Map.of("retention.bytes", "-2");

        assertThat(problem(admin.create("orders", 1, wrong)).reason())
                .isEqualTo(Reason.INVALID_CONFIG);
        assertThat(problem(admin.configure("orders", wrong, Set.of())).reason())
                .isEqualTo(Reason.INVALID_CONFIG);
    }

    @Test
    void aTopicThatExistsIsNotCreatedAgain() {
        fixture.createTopic("orders", 1);

        assertThat(problem(admin.create("orders", 2, Map.of())).reason())
                .isEqualTo(Reason.TOPIC_EXISTS);
    }

    @Test
    void anUnknownTopicIsReportedByEveryOperation() {
        List<CompletableFuture<?>> operations =
                List.of(
                        admin.describe("none", "", 0),
                        admin.delete("none"),
                        admin.addPartitions("none", 2),
                        admin.configure("none", Map.of(), Set.of()),
                        admin.trim("none", List.of(new TrimRequest(0, 1))));

        assertThat(operations)
                .extracting(operation -> problem(operation).reason())
                .containsOnly(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void partitionsAndSettingsChange() {
        fixture.createTopic("orders", 1);

        assertThat(done(admin.addPartitions("orders", 3)).partitionCount()).isEqualTo(3);
        assertThat(
                        done(admin.configure("orders", Map.of("retention.ms", "5"), Set.of()))
                                .settings()
                                .given())
                .isEqualTo(Map.of("retention.ms", "5"));
        assertThat(
                        done(admin.configure("orders", Map.of(), Set.of("retention.ms")))
                                .settings()
                                .given())
                .isEmpty();
    }

    @Test
    void aDeletedTopicIsGone() {
        fixture.createTopic("orders", 1);

        done(admin.delete("orders"));

        assertThat(done(admin.list("", 0, any -> true)).rows()).isEmpty();
    }

    @Test
    void eachTrimmedPartitionHasItsOwnResult() {
        store(fixture.createTopic("orders", 1), 0, 3);

        List<TrimResult> results =
                done(
                        admin.trim(
                                "orders",
                                List.of(
                                        new TrimRequest(0, 4),
                                        new TrimRequest(9, 1),
                                        new TrimRequest(0, 2),
                                        new TrimRequest(0, 1))));

        assertThat(results).extracting(TrimResult::partition).containsExactly(0, 9, 0, 0);
        assertThat(rejection(results.get(0)).reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(rejection(results.get(0)).details())
                .containsEntry("log_start_offset", "2")
                .containsEntry("high_watermark", "3");
        assertThat(rejection(results.get(1)).reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertThat(results.subList(2, 4)).containsOnly(new TrimResult.Trimmed(0, 2));
    }

    private static Problem rejection(TrimResult result) {
        return switch (result) {
            case TrimResult.Rejected(int partition, var problem) -> problem;
            case TrimResult.Trimmed trimmed -> throw new AssertionError(trimmed);
        };
    }

    @Test
    void aTrimOfMorePartitionsThanOneCommandHoldsReachesAllOfThem() {
        int partitions = TopicTrim.MAX_PARTITIONS_PER_COMMAND + 1;
        Topic topic = fixture.createTopic("orders", partitions);
        int last = partitions - 1;
        store(topic, 0, 2);
        store(topic, last, 2);
        List<TrimRequest> requests = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            requests.add(new TrimRequest(partition, partition % last == 0 ? 1 : 0));
        }

        List<TrimResult> results = done(admin.trim("orders", requests));

        assertThat(results).hasSize(partitions);
        assertThat(results.getFirst()).isEqualTo(new TrimResult.Trimmed(0, 1));
        assertThat(results.getLast()).isEqualTo(new TrimResult.Trimmed(last, 1));
    }

    @Test
    void aTrimOfNothingOrToANegativeOffsetIsRejected() {
        fixture.createTopic("orders", 1);

        assertThat(problem(admin.trim("orders", List.of())).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(problem(admin.trim("orders", List.of(new TrimRequest(0, -1)))).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void aListingComesInPagesByName() {
        List<Topic> all = new ArrayList<>();
        for (int i = 1_000; i < 2_500; i++) {
            CompletableFuture<Topic> created = admin.create("t" + i, 1, Map.of());
            loop.advance(Duration.ofMillis(1));
            all.add(created.join());
        }

        Page<Topic> first = done(admin.list("", 5_000, any -> true));
        Page<Topic> last = done(admin.list(first.next(), 0, any -> true));

        assertThat(first.rows()).isEqualTo(all.subList(0, Page.MAX_ROWS));
        assertThat(last.rows()).isEqualTo(all.subList(Page.MAX_ROWS, 1_500));
        assertThat(last.next()).isEmpty();
        assertThat(done(admin.list("t2400", 2, any -> true)).rows())
                .isEqualTo(all.subList(1_401, 1_403));
        Page<Topic> visible =
                done(admin.list("", 2, topic -> topic.name().compareTo("t2300") >= 0));
        assertThat(visible.rows()).isEqualTo(all.subList(1_300, 1_302));
        assertThat(visible.next()).isEqualTo("t2301");
        assertThat(done(admin.list("", 0, none -> false))).isEqualTo(new Page<>(List.of(), ""));
    }

    @Test
    void partitionsComeInPages() {
        Topic topic = done(admin.create("wide", 25_000, Map.of()));

        TopicDescription first = done(admin.describe("wide", "", 0));
        TopicDescription second = done(admin.describe("wide", first.next(), 1_000_000));
        TopicDescription third = done(admin.describe("wide", second.next(), 0));

        assertThat(first.partitions()).hasSize(TopicAdmin.MAX_PARTITIONS_PER_PAGE);
        assertThat(third)
                .returns(topic, TopicDescription::topic)
                .returns("", TopicDescription::next);
        assertThat(third.partitions())
                .hasSize(5_000)
                .first()
                .returns(20_000, TopicDescription.Partition::partition);
    }

    @Test
    void aPageOfADeletedTopicIsNotThatOfItsSuccessor() {
        done(admin.create("again", 10, Map.of()));
        TopicDescription first = done(admin.describe("again", "", 5));
        done(admin.delete("again"));
        done(admin.create("again", 10, Map.of()));

        assertThat(problem(admin.describe("again", first.next(), 5)).reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(problem(admin.describe("again", "5", 5)).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }
}
