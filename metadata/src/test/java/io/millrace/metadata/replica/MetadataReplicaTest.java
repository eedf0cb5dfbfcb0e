package io.millrace.metadata.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.MetadataFixture;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.group.CommittedOffset;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.log.InMemoryMetadataLog;
import io.millrace.metadata.membership.Membership;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.state.ApplyResult;
import io.millrace.metadata.state.MetadataState;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetadataReplicaTest {

    private static final String EVICTED = "millrace.metadata.producers.evicted";

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final InMemoryMetadataLog.Storage storage = new InMemoryMetadataLog.Storage();
    private final MetadataFixture fixture = new MetadataFixture(loop, storage, 1);

    private static Command.BlockCommitted block(long sequence, Topic topic, int offsets) {
        ObjectRef object =
                new ObjectRef(new ObjectId(ObjectId.Kind.WAL, 7, sequence), 1_000, 1_100);
        return new Command.BlockCommitted(
                object,
                5_000,
                List.of(new BatchItem(topic.id(), 0, offsets, 0, 100, 4_000, ProducerStamp.NONE)));
    }

    @Test
    void blocksGetTheirOffsetsInTheOrderOfTheirProposals() {
        Topic topic = fixture.createTopic("orders", 2);
        Outcome first = fixture.propose(block(0, topic, 3));
        Outcome second = fixture.propose(block(1, topic, 4));

        assertThat(first).isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(0))));
        assertThat(second).isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(3))));
        assertThat(fixture.metadata().view().partition(topic.id(), 0).orElseThrow().highWatermark())
                .isEqualTo(7);
    }

    @Test
    void theProposerAppliesWhatTheOtherNodesRead() {
        String lossy = "a lone surrogate \ud83d, which has no encoding";
        Outcome own = fixture.propose(new Command.TopicCreated(lossy, 1, Map.of()));
        MetadataState other = new MetadataState();
        ApplyResult read = other.apply(EntryCodec.decode(storage.last()));

        assertThat(read).isEqualTo(new ApplyResult.Outcomes(List.of(own)));
    }

    @Test
    void aCommandWithATooLongIdIsNotAppended() {
        Command command = new Command.GroupDeleted("x".repeat(1 << 20));
        CompletableFuture<Proposal> proposal =
                fixture.metadata().propose(command, Priority.BACKGROUND);
        loop.advance(Duration.ofMillis(10));

        assertThat(proposal.join())
                .isInstanceOfSatisfying(
                        Proposal.NotApplied.class,
                        not -> assertThat(not.problem().reason()).isEqualTo(Reason.INVALID_GROUP));
        assertThat(fixture.meters().counter("millrace.metadata.entries").count()).isZero();
    }

    private static MetadataReplica replicaOf(SimulatedEventLoop ownLoop, long metadataBytes) {
        CompletableFuture<MetadataReplica> opening =
                MetadataReplica.open(
                        ownLoop,
                        new InMemoryMetadataLog(ownLoop, new InMemoryMetadataLog.Storage()),
                        ReplicaSettings.embedded(FeatureLevels.ALL)
                                .withMetadataBytes(metadataBytes),
                        Membership.SINGLE_NODE,
                        new MetadataMetrics(new SimpleMeterRegistry()),
                        new SplittableRandom(1));
        ownLoop.runReady();
        return opening.join();
    }

    private static Proposal propose(
            SimulatedEventLoop ownLoop, MetadataReplica to, Command command) {
        CompletableFuture<Proposal> proposal = to.propose(command, Priority.BACKGROUND);
        ownLoop.advance(Duration.ofMillis(10));
        return proposal.join();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void partitionsThatDoNotFitTheSmallestNodeAreNotAppended(boolean concurrently) {
        SimulatedEventLoop ownLoop = new SimulatedEventLoop();
        MetadataReplica small = replicaOf(ownLoop, 1_200);
        CompletableFuture<Proposal> fitting =
                small.propose(new Command.TopicCreated("a", 5, Map.of()), Priority.BACKGROUND);
        ownLoop.advance(Duration.ofMillis(concurrently ? 0 : 10));
        CompletableFuture<Proposal> tooMany =
                small.propose(new Command.TopicCreated("b", 1, Map.of()), Priority.BACKGROUND);
        ownLoop.advance(Duration.ofMillis(10));

        assertThat(fitting.join()).isInstanceOf(Proposal.Applied.class);
        assertThat(tooMany.join())
                .isInstanceOfSatisfying(
                        Proposal.NotApplied.class,
                        not -> assertThat(not.problem().reason()).isEqualTo(Reason.METADATA_FULL));
    }

    @Test
    void metadataBeyondTheMemoryOfTheSmallestNodeHoldProducersBack() {
        SimulatedEventLoop ownLoop = new SimulatedEventLoop();
        MetadataReplica small = replicaOf(ownLoop, 1_200);
        propose(ownLoop, small, new Command.TopicCreated("a", 5, Map.of()));
        ownLoop.advance(Duration.ofSeconds(2));
        assertThat(small.fullness(Long.MAX_VALUE)).isZero();

        for (int i = 0; i < 10; i++) {
            propose(ownLoop, small, new Command.GroupClaimed("group-" + i, small.incarnation(), 0));
        }
        ownLoop.advance(Duration.ofSeconds(2));
        assertThat(small.fullness(Long.MAX_VALUE)).isGreaterThan(1);
    }

    @Test
    void aCopyOpenedAgainFromACheckpointAndTheTailIsTheSame() {
        Topic topic = fixture.createTopic("orders", 2);
        fixture.propose(block(0, topic, 3));
        fixture.log().setCheckpointDue(true);
        loop.advance(Duration.ofSeconds(2));
        fixture.propose(block(1, topic, 4));

        MetadataFixture again = new MetadataFixture(loop, storage, 2);

        assertThat(again.metadata().digest()).isEqualTo(fixture.metadata().digest());
        assertThat(again.metadata().view().partition(topic.id(), 0).orElseThrow().extents(0, 1_000))
                .isEqualTo(
                        fixture.metadata()
                                .view()
                                .partition(topic.id(), 0)
                                .orElseThrow()
                                .extents(0, 1_000));
    }

    @Test
    void entriesAreAppliedWhileManyPartitionsAreCopiedForACheckpoint() {
        Topic wide = fixture.createTopic("wide", 30_000);
        fixture.log().setCheckpointDue(true);
        AtomicLong blocks = new AtomicLong();
        for (int ms = 0; ms < 1_500; ms++) {
            loop.schedule(
                    Duration.ofMillis(ms),
                    () -> proposeUntilTheCheckpointIsStored(wide, blocks, 10));
        }
        loop.advance(Duration.ofSeconds(2));
        MetadataFixture again = new MetadataFixture(loop, storage, 2);

        assertThat(fixture.meters().timer("millrace.metadata.snapshot").count()).isEqualTo(7);
        assertThat(again.metadata().digest()).isEqualTo(fixture.metadata().digest());
        for (int number : List.of(0, 15_000, 29_999)) {
            PartitionLog copied =
                    again.metadata().view().partition(wide.id(), number).orElseThrow();
            PartitionLog live =
                    fixture.metadata().view().partition(wide.id(), number).orElseThrow();
            assertThat(copied.highWatermark()).isEqualTo(live.highWatermark()).isPositive();
            assertThat(copied.extents(0, 1_000_000)).isEqualTo(live.extents(0, 1_000_000));
        }
    }

    private void proposeUntilTheCheckpointIsStored(Topic topic, AtomicLong blocks, int left) {
        if (left > 0 && fixture.log().isCheckpointDue()) {
            List<BatchItem> items = new ArrayList<>();
            for (int partition : List.of(0, 15_000, 29_999)) {
                items.add(
                        new BatchItem(
                                topic.id(), partition, 1, partition, 1, 0, ProducerStamp.NONE));
            }
            ObjectId id = new ObjectId(ObjectId.Kind.WAL, 7, blocks.getAndIncrement());
            var unused =
                    fixture.metadata()
                            .propose(
                                    new Command.BlockCommitted(
                                            new ObjectRef(id, 50_000, 60_000), 0, items),
                                    Priority.BACKGROUND);
            loop.execute(() -> proposeUntilTheCheckpointIsStored(topic, blocks, left - 1));
        }
    }

    @Test
    void aLogThatHasSomethingToSealEachTimeGetsItsCheckpoint() {
        fixture.log().sealAtEveryMaintenance();
        fixture.log().setCheckpointDue(true);
        loop.advance(Duration.ofSeconds(5));

        assertThat(fixture.log().isCheckpointDue()).as("still due").isFalse();
        assertThat(fixture.meters().timer("millrace.metadata.checkpoint").count()).isOne();
    }

    @Test
    void aLogWhoseCheckpointsAreLostIsSealedAllTheSame() {
        fixture.log().sealAtEveryMaintenance();
        fixture.log().failCheckpoints();
        fixture.log().setCheckpointDue(true);
        loop.advance(Duration.ofMillis(9_500));

        assertThat(fixture.log().isCheckpointDue()).as("still due").isTrue();
        assertThat(fixture.log().seals()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void aBarrierOfACopyThatIsAllCheckpointIsReachedAtOnce() {
        fixture.createTopic("orders", 2);
        fixture.log().setCheckpointDue(true);
        loop.advance(Duration.ofSeconds(2));

        MetadataFixture again = new MetadataFixture(loop, storage, 2);
        CompletableFuture<Void> barrier = again.metadata().barrier();
        loop.runReady();

        assertThat(barrier).isCompleted();
    }

    @Test
    void queuedProposalsShareAnEntryWithProducersFirst() {
        Topic topic = fixture.createTopic("orders", 1);
        fixture.log().setAppendDuration(Duration.ofMillis(5));
        fixture.metadata().propose(block(0, topic, 1), Priority.PRODUCE);
        CompletableFuture<Proposal> background =
                fixture.metadata().propose(block(1, topic, 1), Priority.BACKGROUND);
        CompletableFuture<Proposal> produce =
                fixture.metadata().propose(block(2, topic, 1), Priority.PRODUCE);
        loop.advance(Duration.ofMillis(10));

        assertThat(offset(produce)).isEqualTo(1);
        assertThat(offset(background)).isEqualTo(2);
    }

    @Test
    void offsetCommitsAloneAreCollectedForAFewMilliseconds() {
        Topic topic = fixture.createTopic("orders", 1);
        loop.advance(Duration.ofSeconds(1));
        long before = appends();

        for (int i = 0; i < 1000; i++) {
            commit(topic, i);
            loop.advance(Duration.ofMillis(1));
        }

        assertThat(appends() - before).isBetween(150L, 170L);
    }

    @Test
    void offsetCommitsJoinTheNextAppend() {
        Topic topic = fixture.createTopic("orders", 1);
        commit(topic, 0);
        CompletableFuture<Proposal> commit = commit(topic, 1);
        loop.runReady();
        assertThat(commit).isNotDone();

        fixture.metadata().propose(block(0, topic, 1), Priority.PRODUCE);
        loop.runReady();

        assertThat(commit).isDone();
    }

    private long appends() {
        return fixture.meters().get("millrace.metadata.append").timer().count();
    }

    private CompletableFuture<Proposal> commit(Topic topic, long offset) {
        return fixture.metadata()
                .propose(
                        new Command.OffsetsCommitted(
                                "g",
                                "",
                                -1,
                                List.of(
                                        new OffsetCommit(
                                                topic.id(),
                                                0,
                                                new CommittedOffset(offset, -1, "")))),
                        Priority.BACKGROUND);
    }

    private static long offset(CompletableFuture<Proposal> proposal) {
        Outcome.Block block = (Outcome.Block) ((Proposal.Applied) proposal.join()).outcome();
        return ((ItemOutcome.Appended) block.items().getFirst()).baseOffset();
    }

    @Test
    void anAppendThatFailsChangesNothingAndTheNextOneSucceeds() {
        Topic topic = fixture.createTopic("orders", 1);
        fixture.log()
                .failNextAppend(
                        InMemoryMetadataLog.notAppended(
                                new Problem(Reason.STORAGE_FULL, "No room.")));
        CompletableFuture<Proposal> failed =
                fixture.metadata().propose(block(0, topic, 1), Priority.PRODUCE);
        loop.runReady();

        assertThat(failed.join()).isInstanceOf(Proposal.NotApplied.class);
        assertThat(fixture.propose(block(1, topic, 1)))
                .isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(0))));
    }

    @Test
    void whenTheLogIsUnavailableAppendsAreUnknownAndQueuedProposalsNotApplied() {
        fixture.log().stallAppends(true);
        CompletableFuture<Proposal> sent =
                fixture.metadata()
                        .propose(new Command.ProducerIdsAllocated(1), Priority.BACKGROUND);
        loop.runReady();
        CompletableFuture<Proposal> waited =
                fixture.metadata()
                        .propose(new Command.ProducerIdsAllocated(1), Priority.BACKGROUND);
        loop.advance(Duration.ofSeconds(31));

        assertThat(sent.join()).isInstanceOf(Proposal.Unknown.class);
        assertThat(waited.join()).isInstanceOf(Proposal.NotApplied.class);
    }

    @Test
    void aBarrierWaitsForEntriesOfOthers() {
        MetadataFixture other = new MetadataFixture(loop, storage, 2);
        other.createTopic("orders", 1);
        CompletableFuture<Void> barrier = fixture.metadata().barrier();
        loop.runReady();
        assertThat(barrier).isNotDone();
        loop.advance(Duration.ofSeconds(2));

        assertThat(barrier).isCompleted();
        assertThat(fixture.metadata().topics().named("orders")).isPresent();
    }

    @Test
    void proposalsThatTogetherMakeTooLargeAnEntryAreDividedAmongSeveral() {
        SplittableRandom noise = new SplittableRandom(1);
        fixture.log().setAppendDuration(Duration.ofMillis(5));
        fixture.metadata().propose(new Command.ProducerIdsAllocated(1), Priority.PRODUCE);
        List<CompletableFuture<Proposal>> large = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            large.add(
                    fixture.metadata()
                            .propose(
                                    incompressible("topic-" + i, 400_000, noise),
                                    Priority.PRODUCE));
        }
        CompletableFuture<Proposal> tooLarge =
                fixture.metadata()
                        .propose(incompressible("topic-9", 2_000_000, noise), Priority.PRODUCE);
        CompletableFuture<Proposal> last =
                fixture.metadata().propose(new Command.ProducerIdsAllocated(1), Priority.PRODUCE);
        loop.advance(Duration.ofMillis(200));

        assertThat(large)
                .allSatisfy(
                        future -> assertThat(future.join()).isInstanceOf(Proposal.Applied.class));
        assertThat(tooLarge.join())
                .isInstanceOfSatisfying(
                        Proposal.NotApplied.class,
                        not -> assertThat(not.problem().reason()).isEqualTo(Reason.TOO_LARGE));
        assertThat(last.join()).isInstanceOf(Proposal.Applied.class);
    }

    private static Command incompressible(String name, int bytes, SplittableRandom noise) {
        StringBuilder value = new StringBuilder();
        while (value.length() < bytes) {
            value.append((char) (' ' + noise.nextInt(95)));
        }
        return new Command.TopicCreated(name, 1, Map.of("note", value.toString()));
    }

    @Test
    void anEntryOfANewerVersionStopsTheReplicaAndFailsAllCallers() {
        fixture.log().stallAppends(true);
        CompletableFuture<Proposal> sent =
                fixture.metadata().propose(new Command.ProducerIdsAllocated(1), Priority.PRODUCE);
        loop.runReady();
        CompletableFuture<Proposal> waiting =
                fixture.metadata().propose(new Command.ProducerIdsAllocated(1), Priority.PRODUCE);
        storage.add(
                EntryCodec.encode(
                        new Entry(
                                99,
                                1,
                                List.of(
                                        new Command.FeatureLevelRaised(
                                                FeatureLevels.ALL.newest() + 1)))));
        loop.advance(Duration.ofSeconds(2));
        CompletableFuture<Proposal> later =
                fixture.metadata().propose(new Command.ProducerIdsAllocated(1), Priority.PRODUCE);
        loop.runReady();

        assertThat(sent.join())
                .isInstanceOfSatisfying(
                        Proposal.Unknown.class,
                        unknown ->
                                assertThat(unknown.problem().reason())
                                        .as("the change may be stored")
                                        .isEqualTo(Reason.OUTCOME_UNKNOWN));
        assertThat(waiting.join()).isInstanceOf(Proposal.NotApplied.class);
        assertThat(later.join())
                .isInstanceOfSatisfying(
                        Proposal.NotApplied.class,
                        not -> assertThat(not.problem().message()).contains("newer version"));
    }

    @Test
    void aCommandAboveTheLevelInForceIsRefusedBeforeItIsInTheLog() {
        MetadataFixture later = MetadataFixture.withLevels(loop, TestLevels.TWO);
        long before = later.metadata().digest();
        Command expiry = new Command.GroupsExpired(0);
        CompletableFuture<Proposal> early = later.metadata().propose(expiry, Priority.BACKGROUND);
        loop.runReady();

        assertThat(early.join())
                .isInstanceOfSatisfying(
                        Proposal.NotApplied.class,
                        not -> {
                            assertThat(not.problem().reason())
                                    .isEqualTo(Reason.FEATURE_LEVEL_TOO_LOW);
                            assertThat(not.problem().message()).contains("upgrade all nodes");
                        });
        assertThat(later.metadata().digest()).isEqualTo(before);

        later.propose(new Command.FeatureLevelRaised(2));

        assertThat(later.propose(expiry)).isEqualTo(new Outcome.Completed());
    }

    @Test
    void aListenerIsNotifiedOfAClaim() {
        List<String> changed = new ArrayList<>();
        fixture.metadata().addListener((Metadata.GroupListener) changed::add);
        Command claim = new Command.GroupClaimed("g", fixture.metadata().incarnation(), 0);
        assertThat(fixture.propose(claim)).isInstanceOf(Outcome.GroupClaim.class);
        assertThat(changed).containsExactly("g");
    }

    @Test
    void aListenerThatFailsAffectsNeitherTheReplicaNorOtherListeners() {
        List<Integer> notified = new ArrayList<>();
        Topic topic = fixture.createTopic("orders", 1);
        fixture.metadata()
                .addListener(
                        (Metadata.PartitionListener)
                                (topicId, partition) -> {
                                    throw new IllegalStateException("the test's failure");
                                });
        fixture.metadata()
                .addListener(
                        (Metadata.PartitionListener)
                                (topicId, partition) -> notified.add(partition));

        Outcome outcome = fixture.propose(block(0, topic, 3));

        assertThat(outcome).isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(0))));
        assertThat(notified).containsExactly(0);
        assertThat(fixture.metadata().stopped()).isNotDone();
    }

    @Test
    @SuppressWarnings("NullAway")
    void anUnexpectedFailureOfAnEntryStopsTheReplicaAndItsReads() {
        Topic topic = fixture.createTopic("orders", 1);
        MetadataReplica metadata = fixture.metadata();
        // The decoder does not expect null.
        storage.add(null);
        CompletableFuture<Proposal> later = metadata.propose(block(0, topic, 3), Priority.PRODUCE);
        CompletableFuture<Void> barrier = metadata.barrier();
        loop.advance(Duration.ofSeconds(1));

        assertThat(metadata.stopped().join().message()).contains("Entry 2").contains("bug");
        assertThat(later.join()).isNotInstanceOf(Proposal.Applied.class);
        assertThat(barrier).isCompletedExceptionally();
        assertThat(metadata.view().partition(topic.id(), 0)).as("a half-applied state").isEmpty();
        assertThat(metadata.topics().named("orders")).isEmpty();
    }

    @Test
    void maintenanceContinuesAfterAnUnexpectedFailure() {
        AtomicBoolean failing = new AtomicBoolean();
        Membership membership =
                new Membership() {
                    @Override
                    public List<RegisteredNode> nodes() {
                        return List.of();
                    }

                    @Override
                    public boolean isLeader() {
                        if (failing.getAndSet(false)) {
                            throw new IllegalStateException("the test's failure");
                        }
                        return true;
                    }
                };
        InMemoryMetadataLog log = new InMemoryMetadataLog(loop, storage);
        MetadataReplica.open(
                loop,
                log,
                ReplicaSettings.cluster(Duration.ofSeconds(10), FeatureLevels.ALL),
                membership,
                new MetadataMetrics(new SimpleMeterRegistry()),
                new SplittableRandom(3));
        loop.runReady();
        failing.set(true);
        assertThatThrownBy(() -> loop.advance(Duration.ofSeconds(5)))
                .hasMessage("the test's failure");

        log.setCheckpointDue(true);
        loop.advance(Duration.ofSeconds(5));

        assertThat(log.isCheckpointDue()).as("still due").isFalse();
    }

    @Test
    void aNodeThatWasDeclaredDeadContinuesAsANewIncarnation() {
        Topic topic = fixture.createTopic("orders", 1);
        MetadataReplica metadata = fixture.metadata();
        long before = metadata.incarnation();
        fixture.propose(new Command.IncarnationClosed(before));
        assertThat(metadata.incarnation()).isNotEqualTo(before);
        assertThat(fixture.propose(new Command.PartitionsAdded(topic.id(), 2)))
                .isInstanceOf(Outcome.TopicReady.class);
        assertThat(metadata.stopped()).isNotDone();
    }

    @Test
    void pendingProposalsOfANodeDeclaredDeadGetAnOutcome() {
        Topic topic = fixture.createTopic("orders", 1);
        MetadataReplica metadata = fixture.metadata();
        long before = metadata.incarnation();
        CompletableFuture<Proposal> closing =
                metadata.propose(new Command.IncarnationClosed(before), Priority.BACKGROUND);
        CompletableFuture<Proposal> addition =
                metadata.propose(new Command.PartitionsAdded(topic.id(), 2), Priority.BACKGROUND);
        CompletableFuture<Proposal> late =
                metadata.propose(blockOf(before, topic), Priority.PRODUCE);
        CompletableFuture<Proposal> commit =
                metadata.propose(
                        new Command.OffsetsCommitted(
                                "group",
                                "",
                                -1,
                                List.of(
                                        new OffsetCommit(
                                                topic.id(), 0, new CommittedOffset(5, -1, "")))),
                        Priority.BACKGROUND);
        loop.advance(Duration.ofSeconds(1));
        assertThat(commit.join())
                .as("the client may have committed later offsets at another node")
                .isInstanceOfSatisfying(
                        Proposal.NotApplied.class,
                        not -> assertThat(not.problem().reason().retriable()).isTrue());
        assertThat(closing.join()).isInstanceOf(Proposal.Applied.class);
        assertThat(addition.join()).isInstanceOf(Proposal.Applied.class);
        assertThat(late.join())
                .as("a block of a closed incarnation may be deleted at any time")
                .isInstanceOfSatisfying(
                        Proposal.NotApplied.class,
                        not -> assertThat(not.problem().reason().retriable()).isTrue());
        assertThat(metadata.view().partition(topic.id(), 0).orElseThrow().highWatermark()).isZero();
        assertThat(metadata.propose(blockOf(metadata.incarnation(), topic), Priority.PRODUCE))
                .satisfies(next -> {
                    loop.advance(Duration.ofSeconds(1));
                    assertThat(next)
                            .isCompletedWithValueMatching(Proposal.Applied.class::isInstance);
                });
    }

    @Test
    void aProducerIsForgottenWhenItWroteNothingForItsLife() {
        MetadataFixture embedded = MetadataFixture.soleWriter(loop);
        Topic topic = embedded.createTopic("orders", 1);
        embedded.propose(new Command.ProducerIdsAllocated(3));
        embedded.propose(block(0, topic, new ProducerStamp(1, (short) 0, 0)));
        loop.advance(Duration.ofDays(4));
        embedded.propose(block(1, topic, new ProducerStamp(2, (short) 0, 0)));
        loop.advance(Duration.ofDays(4));

        assertThat(embedded.propose(block(2, topic, new ProducerStamp(1, (short) 0, 1))))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(new ItemOutcome.Rejected(Reason.UNKNOWN_PRODUCER))));
        assertThat(embedded.propose(block(3, topic, new ProducerStamp(2, (short) 0, 1))))
                .isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(2))));
    }

    private void writeOnceWithEachId(MetadataFixture to, Topic topic, int ids, Duration pause) {
        to.propose(new Command.ProducerIdsAllocated(ids));
        for (int id = 0; id < ids; id += 10_000) {
            List<BatchItem> items = new ArrayList<>();
            for (int i = id; i < Math.min(id + 10_000, ids); i++) {
                ProducerStamp stamp = new ProducerStamp(i, (short) 0, 0);
                items.add(new BatchItem(topic.id(), 0, 1, 100L * items.size(), 100, 4_000, stamp));
            }
            to.propose(new Command.BlockCommitted(block(id, topic, 1).object(), 5_000, items));
            loop.advance(pause);
        }
    }

    @Test
    void moreProducersAreRememberedAsTheirNumberGrows() {
        MetadataFixture leader = MetadataFixture.soleWriter(loop);
        Topic topic = leader.createTopic("orders", 1);
        writeOnceWithEachId(leader, topic, 600_000, Duration.ofSeconds(1));

        assertThat(leader.meters().get(EVICTED).functionCounter().count()).isZero();
        assertThat(leader.propose(block(1, topic, new ProducerStamp(0, (short) 0, 1))))
                .isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(600_000))));
    }

    @Test
    void aProducerForgottenBeforeItsTimeIsUnknownAndCounted() {
        int remembered = 500_000;
        Topic topic = fixture.createTopic("orders", 1);
        writeOnceWithEachId(fixture, topic, remembered + 1, Duration.ZERO);
        loop.advance(Duration.ofSeconds(2));

        assertThat(fixture.meters().get(EVICTED).functionCounter().count()).isOne();
        assertThat(fixture.propose(block(1, topic, new ProducerStamp(0, (short) 0, 1))))
                .isEqualTo(
                        new Outcome.Block(
                                List.of(new ItemOutcome.Rejected(Reason.UNKNOWN_PRODUCER))));
        assertThat(fixture.propose(block(2, topic, new ProducerStamp(1, (short) 0, 1))))
                .isEqualTo(new Outcome.Block(List.of(new ItemOutcome.Appended(remembered + 1))));
    }

    private static Command.BlockCommitted blockOf(long incarnation, Topic topic) {
        return new Command.BlockCommitted(
                new ObjectRef(new ObjectId(ObjectId.Kind.WAL, incarnation, 0), 1_000, 2_000),
                5_000,
                List.of(new BatchItem(topic.id(), 0, 1, 0, 100, 4_000, ProducerStamp.NONE)));
    }

    private static Command.BlockCommitted block(long sequence, Topic topic, ProducerStamp stamp) {
        return new Command.BlockCommitted(
                block(sequence, topic, 1).object(),
                5_000,
                List.of(new BatchItem(topic.id(), 0, 1, 0, 100, 4_000, stamp)));
    }
}
