package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.codec.EntryCodec;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.LogPosition;
import io.millrace.metadata.log.etcd.EtcdCluster.Member;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules of the log in etcd. Each test shows a failure that would occur without the rule. */
final class EtcdLogFaultsTest {

    private static final String STALE = "millrace.metadata.stale";

    private final EtcdCluster cluster = new EtcdCluster(1);

    private void mustAgree() {
        cluster.pass(Duration.ofSeconds(5));
        long digest = cluster.members.getFirst().replica().digest();
        for (Member member : cluster.members) {
            assertThat(member.replica().stopped()).isNotDone();
            assertThat(member.replica().digest()).isEqualTo(digest);
        }
    }

    private static void mustBeApplied(CompletableFuture<Proposal> proposal) {
        assertThat(proposal).isCompleted();
        assertThat(proposal.join())
                .isInstanceOfSatisfying(
                        Proposal.Applied.class,
                        applied ->
                                assertThat(applied.outcome())
                                        .isInstanceOf(Outcome.TopicReady.class));
    }

    private void mustBeApplied(CompletableFuture<Proposal> proposal, Duration within) {
        cluster.pass(within);
        mustBeApplied(proposal);
    }

    @Test
    void everyNodeHasWhatAnyNodeAppended() {
        Member one = cluster.startReady(true);
        Member two = cluster.startReady(false);
        for (int i = 0; i < 60; i++) {
            CompletableFuture<Proposal> proposal = cluster.create(i % 2 == 0 ? one : two, "t" + i);
            cluster.pass(Duration.ofMillis(400));
            mustBeApplied(proposal);
        }
        Member late = cluster.startReady(false);

        assertThat(late.replica().topics().all()).hasSize(60);
        mustAgree();
    }

    @Test
    void etcdStaysSmallHoweverLongTheLogIs() {
        EtcdCluster forgetful = new EtcdCluster(1, 3);
        Member one = forgetful.startReady(true);
        int max = 0;
        for (int i = 0; i < 300; i++) {
            forgetful.create(one, "t" + i);
            forgetful.pass(Duration.ofMillis(300));
            max = Math.max(max, forgetful.etcd.keys().size());
        }

        assertThat(max).isLessThan(40);
        assertThat(forgetful.bucket.keys()).hasSizeLessThan(15);
    }

    @Test
    void anAppendWhoseReplyWasLostIsInTheLogOnce() {
        Member one = cluster.startReady(false);
        one.client.loseReplies(true, true, false);
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        cluster.pass(Duration.ofSeconds(3));

        mustBeApplied(proposal);
        mustAgree();
    }

    @Test
    void aLostReplyAcrossASealedEpochGivesTheFirstOutcome() {
        Member one = cluster.startReady(false);
        Member sealer = cluster.startReady(true);
        one.client.setDelays(Duration.ZERO, Duration.ofSeconds(2));
        one.client.loseReplies(true);
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        for (int i = 0; i < 20; i++) {
            cluster.create(sealer, "t" + i);
            cluster.pass(Duration.ofSeconds(1));
        }
        one.client.setDelays(Duration.ZERO, Duration.ZERO);
        cluster.pass(Duration.ofSeconds(10));

        mustBeApplied(proposal);
        assertThat(one.replica().topics().all()).hasSize(21);
        mustAgree();
    }

    @Test
    void changesAppliedBeforeTheirNodeWasDeclaredDeadRemain() {
        Member one = cluster.startReady(false);
        Member sealer = cluster.startReady(true);
        one.client.loseReplies(true);
        one.client.setDelays(Duration.ZERO, Duration.ofMillis(200));
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        cluster.pass(Duration.ofMillis(100));
        one.client.setDisconnected(true);
        cluster.pass(Duration.ofSeconds(1));
        sealer.replica()
                .propose(
                        new Command.IncarnationClosed(one.replica().incarnation()),
                        Priority.BACKGROUND);
        for (int i = 0; i < 20; i++) {
            cluster.create(sealer, "t" + i);
            cluster.pass(Duration.ofMillis(400));
        }
        // The process receives its own entry from an archive and then appends the entry again.
        cluster.etcd.compactTo(cluster.etcd.revision());
        one.client.setDisconnected(false);
        one.client.setDelays(Duration.ZERO, Duration.ZERO);
        cluster.pass(Duration.ofSeconds(10));

        mustBeApplied(proposal);
        mustAgree();
    }

    @Test
    void aWatchThatIsCutOrLeftBehindByCompactionLosesNothing() {
        Member one = cluster.startReady(true);
        Member two = cluster.startReady(false);
        for (int i = 0; i < 40; i++) {
            cluster.create(one, "t" + i);
            if (i % 5 == 0) {
                two.client.cutWatches();
            }
            if (i % 7 == 0) {
                two.client.setDisconnected(true);
            }
            cluster.pass(Duration.ofMillis(500));
            if (i % 7 == 3) {
                cluster.etcd.compactTo(cluster.etcd.revision());
                two.client.setDisconnected(false);
            }
        }
        two.client.setDisconnected(false);

        mustAgree();
        assertThat(two.replica().topics().all()).hasSize(40);
    }

    @Test
    void aNodeThatWasAwayLongerThanArchivesAreKeptStopsAndItsNextLifeIsCurrent() {
        EtcdCluster forgetful = new EtcdCluster(1, 1);
        Member one = forgetful.startReady(true);
        Member away = forgetful.startReady(false);
        away.client.setDisconnected(true);
        for (int i = 0; i < 80; i++) {
            forgetful.create(one, "t" + i);
            forgetful.pass(Duration.ofMillis(500));
        }
        forgetful.etcd.compactTo(forgetful.etcd.revision());
        away.client.setDisconnected(false);
        forgetful.pass(Duration.ofSeconds(5));
        Member next = forgetful.startReady(false);

        assertThat(away.replica().stopped()).isCompleted();
        assertThat(next.replica().digest()).isEqualTo(one.replica().digest());
    }

    /**
     * Raises the generation, as an operator does after a restore of etcd and before nodes start.
     */
    private void raiseGeneration() {
        Etcd operator = cluster.etcd.client();
        cluster.loop.call(() ->
                operator.txn(
                        List.of(),
                        List.of(new Etcd.Op.Put("/millrace/test/generation", EtcdKeys.number(2))),
                        List.of()));
    }

    private String value(String key) {
        Etcd reader = cluster.etcd.client();
        List<CompletableFuture<Etcd.TxnResult>> read = new ArrayList<>();
        cluster.loop.call(
                () -> read.add(reader.txn(List.of(), List.of(new Etcd.Op.Get(key)), List.of())));
        cluster.pass(Duration.ofMillis(100));
        return new String(
                read.getFirst().join().gets().getFirst().orElseThrow().value(),
                StandardCharsets.US_ASCII);
    }

    @Test
    void aNodeStopsAtANewGenerationAndResumesAfterARestart() {
        Member one = cluster.startReady(true);
        raiseGeneration();
        cluster.pass(Duration.ofMillis(300));
        Member next = cluster.startReady(true);
        CompletableFuture<Proposal> proposal = cluster.create(next, "orders");
        cluster.pass(Duration.ofSeconds(5));

        assertThat(one.replica().stopped().join().message())
                .contains("generation (2, not 1)", "restored from a backup");
        mustBeApplied(proposal);
        assertThat(next.replica().stopped()).isNotDone();
    }

    @Test
    void aRestoredNodeReportsItsGeneration() {
        Member first = cluster.startReady(true);
        assertThat(first.replica().generation()).isEqualTo(1);
        raiseGeneration();
        Member restored = cluster.startReady(true);

        assertThat(restored.replica().generation()).isEqualTo(2);
    }

    @Test
    void aNodeUnawareOfANewGenerationCannotAppendToIt() {
        Member one = cluster.startReady(false);
        one.client.silenceWatches();
        raiseGeneration();
        List<String> before = cluster.etcd.keys();
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        cluster.pass(Duration.ofMillis(300));

        assertThat(cluster.etcd.keys()).isEqualTo(before);
        assertThat(proposal).isCompleted();
        assertThat(proposal.join()).isNotInstanceOf(Proposal.Applied.class);
        assertThat(one.replica().stopped()).isCompleted();
    }

    @Test
    void aReadOnlyNodeDetectsANewGeneration() {
        Member one = cluster.startReady(false);
        one.client.silenceWatches();
        raiseGeneration();
        cluster.pass(Duration.ofSeconds(5));

        assertThat(one.replica().stopped()).isCompleted();
    }

    @Test
    void aSealerClosesNoEpochOfANewGeneration() {
        Member sealer = cluster.startReady(true);
        for (int i = 0; i < 8; i++) {
            cluster.create(sealer, "t" + i);
            cluster.pass(Duration.ofMillis(10));
        }
        String epoch = value("/millrace/test/epoch");
        sealer.client.setDelays(Duration.ofSeconds(2), Duration.ZERO);
        cluster.pass(Duration.ofMillis(1_500));
        raiseGeneration();
        cluster.pass(Duration.ofSeconds(10));

        assertThat(value("/millrace/test/epoch")).isEqualTo(epoch);
        assertThat(sealer.replica().stopped()).isCompleted();
    }

    private void setIdentity(String digit) {
        Etcd operator = cluster.etcd.client();
        cluster.loop.call(() ->
                operator.txn(
                        List.of(),
                        List.of(
                                new Etcd.Op.Put(
                                        "/millrace/test/identity",
                                        new ClusterId(digit.repeat(32)).toBytes())),
                        List.of()));
        cluster.pass(Duration.ofMillis(10));
    }

    @Test
    void aNodeAppendsNothingToTheLogOfAnotherCluster() {
        setIdentity("a");
        Member one = cluster.startReady(false);
        mustBeApplied(cluster.create(one, "orders"), Duration.ofSeconds(1));
        setIdentity("b");
        List<String> before = cluster.etcd.keys();
        CompletableFuture<Proposal> proposal = cluster.create(one, "late");
        cluster.pass(Duration.ofMillis(300));

        assertThat(cluster.etcd.keys()).isEqualTo(before);
        assertThat(proposal).isCompleted();
        assertThat(one.replica().stopped().join().message())
                .contains("the identity " + "b".repeat(32), "another cluster");
    }

    /** Appends enough entries for several epochs. */
    private void fill(Member member) {
        for (int i = 0; i < 20; i++) {
            cluster.create(member, "old" + i);
            cluster.pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void aNodeStopsWhenAnotherLogReplacesItsOwn() {
        Member one = cluster.startReady(true);
        fill(one);
        cluster.etcd.loseAll();
        Member next = cluster.startReady(false);
        cluster.create(next, "new");
        cluster.pass(Duration.ofSeconds(3));

        assertThat(one.replica().stopped()).isCompleted();
        assertThat(one.replica().stopped().join().message())
                .contains("etcd lost its data", "restore the newest backup");
        assertThat(next.replica().stopped()).isNotDone();
    }

    @Test
    void aNodeStopsWhenTheKeysOfItsLogAreMissing() {
        Member one = cluster.startReady(true);
        fill(one);
        cluster.etcd.loseAll();
        cluster.pass(Duration.ofSeconds(3));

        assertThat(one.replica().stopped()).isCompleted();
        assertThat(one.replica().stopped().join().message())
                .contains("missing from etcd", "Restore etcd from a backup");
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void anAppendToAnotherLogIsNotRepeated() {
        Member one = cluster.startReady(true);
        fill(one);
        one.client.setDisconnected(true);
        cluster.etcd.loseAll();
        cluster.startReady(false);
        CompletableFuture<Proposal> proposal = cluster.create(one, "late");
        cluster.pass(Duration.ofMillis(10));
        long before = cluster.etcd.transactions();
        one.client.setDisconnected(false);
        cluster.pass(Duration.ofMillis(300));

        assertThat(proposal).isCompleted();
        assertThat(proposal.join()).isNotInstanceOf(Proposal.Applied.class);
        assertThat(cluster.etcd.transactions() - before).isLessThan(10);
    }

    @Test
    void aNodeWhoseStateDiffersStopsItself() {
        Member one = cluster.startReady(true);
        Member odd = cluster.startReady(false);
        cluster.startReady(false);
        cluster.create(one, "t");
        cluster.pass(Duration.ofSeconds(1));
        // Simulates a memory error: the replica applies an entry that is not in the log.
        cluster.loop.call(() ->
                odd.replica()
                        .entry(
                                new LogPosition(0, 1),
                                EntryCodec.encode(
                                        new Entry(
                                                9,
                                                1,
                                                List.of(new Command.ProducerIdsAllocated(1))))));
        for (int i = 0; i < 20; i++) {
            cluster.create(one, "u" + i);
            cluster.pass(Duration.ofSeconds(1));
        }

        assertThat(odd.replica().stopped().join().message()).contains("differ");
        assertThat(one.replica().stopped()).isNotDone();
    }

    @Test
    void whileEtcdIsAwayProposalsWaitAndAreAppliedWhenItIsBack() {
        Member one = cluster.startReady(true);
        one.client.setDisconnected(true);
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        cluster.pass(Duration.ofSeconds(20));
        assertThat(proposal).isNotDone();
        one.client.setDisconnected(false);
        cluster.pass(Duration.ofSeconds(3));

        mustBeApplied(proposal);
    }

    @Test
    void aNodeReportsTheStalenessOfItsLog() {
        Member one = cluster.startReady(true);
        cluster.pass(Duration.ofSeconds(20));
        assertThat(one.meter(STALE)).as("no node appends").isLessThan(1.5);
        one.client.setDisconnected(true);
        cluster.pass(Duration.ofSeconds(20));
        assertThat(one.meter(STALE)).as("etcd is unavailable").isBetween(19.0, 21.5);
        one.client.setDisconnected(false);
        cluster.pass(Duration.ofSeconds(3));

        assertThat(one.meter(STALE)).as("etcd is available again").isLessThan(1.5);
    }

    @Test
    void aNodeWhoseWatchIsSilentIsStaleOnceThereIsMore() {
        Member one = cluster.startReady(false);
        Member other = cluster.startReady(false);
        one.client.silenceWatches();
        cluster.pass(Duration.ofSeconds(5));
        cluster.create(other, "orders");
        cluster.pass(Duration.ofMillis(1_900));

        assertThat(one.replica().topics().all()).isEmpty();
        assertThat(one.meter(STALE)).isGreaterThan(1);
    }

    @Test
    void afterItsDeadlineAProposalThatMayBeInTheLogIsUnknown() {
        Member one = cluster.startReady(true);
        one.client.setDisconnected(true);
        CompletableFuture<Proposal> sent = cluster.create(one, "orders");
        cluster.pass(Duration.ofMillis(1));
        CompletableFuture<Proposal> waiting = cluster.create(one, "orders");
        cluster.pass(Duration.ofSeconds(31));

        assertThat(sent.join()).isInstanceOf(Proposal.Unknown.class);
        assertThat(waiting.join()).isInstanceOf(Proposal.NotApplied.class);
    }

    @Test
    void aReplicaClosesWithoutEtcdOnceAllProposalsAreAnswered() {
        Member one = cluster.startReady(true);
        one.client.setDisconnected(true);
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        cluster.pass(Duration.ofMillis(1));
        CompletableFuture<Void> closed = one.replica().close();
        cluster.pass(Duration.ofSeconds(29));
        assertThat(closed).isNotDone();
        cluster.pass(Duration.ofSeconds(4));

        assertThat(proposal.join()).isInstanceOf(Proposal.Unknown.class);
        assertThat(closed).isCompleted();
    }

    @Test
    void withoutSpaceProposalsWaitAndAreAppliedWhenThereIsSome() {
        Member one = cluster.startReady(true);
        cluster.etcd.setFull(true);
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        cluster.pass(Duration.ofSeconds(10));
        assertThat(proposal).isNotDone();
        cluster.etcd.setFull(false);
        cluster.pass(Duration.ofSeconds(3));

        mustBeApplied(proposal);
    }

    @Test
    void anyNodeFreesSpaceWhenTheQuotaIsUsedUp() {
        Member one = cluster.startReady(false);
        cluster.etcd.fillUntilSpaceIsFreed();
        CompletableFuture<Proposal> proposal = cluster.create(one, "orders");
        cluster.pass(Duration.ofSeconds(1));
        assertThat(proposal).isNotDone();
        cluster.pass(Duration.ofSeconds(9));

        mustBeApplied(proposal);
    }

    @Test
    void aFailureAfterALongFirstReadDoesNotEndTheStart() {
        Member writer = cluster.startReady(false);
        for (int i = 0; i < 40; i++) {
            cluster.create(writer, "t" + i);
            cluster.pass(Duration.ofMillis(100));
        }
        Member late = cluster.start(false);
        late.client.setDelays(Duration.ofSeconds(2), Duration.ofSeconds(2));
        cluster.pass(Duration.ofSeconds(40));
        late.client.setDisconnected(true);
        cluster.pass(Duration.ofSeconds(5));
        late.client.setDisconnected(false);
        cluster.pass(Duration.ofSeconds(90));

        assertThat(late.replica().topics().all()).hasSize(40);
    }

    @Test
    void historyCompactedWhileObjectsAreReadDoesNotFailTheStart() {
        Member writer = cluster.startReady(true);
        fill(writer);
        assertThat(cluster.bucket.keys()).isNotEmpty();
        int[] reads = new int[1];
        SuspendableProcess process = new SuspendableProcess();
        process.beforeReads(() -> {
            reads[0]++;
            cluster.etcd.advanceRevision(1);
            cluster.etcd.compactTo(cluster.etcd.revision());
        });
        Member late = cluster.start(false, process);
        cluster.pass(Duration.ofSeconds(1));

        assertThat(reads[0]).isPositive();
        assertThat(late.replica().topics().all()).hasSize(20);
    }

    @Test
    void aNodeStartsAndSealsAlthoughOnlySmallPagesArriveInTime() {
        Member writer = cluster.startReady(false);
        fill(writer);
        Member slow = cluster.start(true);
        slow.client.limitPages(
                cluster.etcd.keys().stream()
                        .filter(key -> key.contains("/log/"))
                        .mapToLong(key -> cluster.etcd.value(key).length)
                        .max()
                        .orElseThrow());
        cluster.pass(Duration.ofSeconds(5));
        cluster.create(writer, "last");
        cluster.pass(Duration.ofSeconds(60));

        assertThat(slow.replica().topics().all()).hasSize(21);
        assertThat(cluster.bucket.keys()).as("archives").isNotEmpty();
    }

    @Test
    void concurrentSealersOnlyDuplicateWork() {
        Member one = cluster.startReady(true);
        Member two = cluster.startReady(true);
        for (int i = 0; i < 100; i++) {
            cluster.create(one, "a" + i);
            cluster.create(two, "b" + i);
            cluster.pass(Duration.ofMillis(300));
        }
        Member late = cluster.startReady(false);

        assertThat(late.replica().topics().all()).hasSize(200);
        mustAgree();
    }

    @Test
    void aSealerMayStopAtAnyCallAndWakeAnEpochLater() {
        for (int stopAt = 0; stopAt < 25; stopAt++) {
            EtcdCluster other = new EtcdCluster(stopAt);
            Member sleeper = other.startReady(true);
            Member writer = other.startReady(false);
            for (int i = 0; i < 60; i++) {
                other.create(writer, "t" + i);
                other.pass(Duration.ofMillis(137));
                if (i == 10) {
                    other.pass(Duration.ofMillis(stopAt * 41));
                    sleeper.client.setDelays(Duration.ofSeconds(4), Duration.ofSeconds(4));
                    writer.seals = true;
                }
            }
            other.pass(Duration.ofSeconds(30));
            sleeper.client.setDelays(Duration.ZERO, Duration.ZERO);
            other.pass(Duration.ofSeconds(10));
            Member late = other.startReady(false);

            assertThat(late.replica().topics().all()).hasSize(60);
            assertThat(sleeper.replica().digest()).isEqualTo(late.replica().digest());
        }
    }

    @Test
    void aNodeMayStartWhileTheManifestMoves() {
        Member one = cluster.startReady(true);
        List<Member> starting = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            cluster.create(one, "t" + i);
            if (i % 4 == 0) {
                Member member = cluster.start(false);
                member.client.setDelays(Duration.ofMillis(300), Duration.ofMillis(700));
                starting.add(member);
            }
            cluster.pass(Duration.ofMillis(450));
        }
        cluster.pass(Duration.ofSeconds(30));

        assertThat(starting)
                .allSatisfy(member -> assertThat(member.replica().topics().all()).hasSize(60));
        mustAgree();
    }

    @Test
    void underRandomFaultsEveryAcknowledgedChangeIsThereOnceOnEveryNode() {
        for (int seed = 0; seed < 150; seed++) {
            randomFaults(seed);
        }
    }

    private static void randomFaults(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        EtcdCluster cluster = new EtcdCluster(seed);
        for (int i = 0; i < 3; i++) {
            cluster.startReady(random.nextBoolean());
        }
        Map<String, CompletableFuture<Proposal>> proposals = new HashMap<>();
        for (int i = 0; i < 120; i++) {
            Member member = cluster.members.get(random.nextInt(3));
            String topic = "t" + i;
            proposals.put(topic, cluster.create(member, topic));
            Member victim = cluster.members.get(random.nextInt(3));
            switch (random.nextInt(12)) {
                case 0 -> victim.client.setDisconnected(true);
                case 1, 2 -> victim.client.setDisconnected(false);
                case 3 -> victim.client.cutWatches();
                case 4 -> victim.client.loseReplies(random.nextBoolean(), random.nextBoolean());
                case 5 ->
                        victim.client.setDelays(
                                Duration.ofMillis(random.nextInt(300)),
                                Duration.ofMillis(random.nextInt(300)));
                case 6 -> cluster.etcd.compactTo(cluster.etcd.revision());
                case 7 -> victim.seals = !victim.seals;
                default -> {}
            }
            cluster.pass(Duration.ofMillis(random.nextInt(600)));
        }
        cluster.members.forEach(member -> {
            member.client.setDisconnected(false);
            member.client.setDelays(Duration.ZERO, Duration.ZERO);
        });
        cluster.pass(Duration.ofSeconds(40));
        Member late = cluster.startReady(false);
        proposals.forEach((topic, proposal) -> {
            if (proposal.join() instanceof Proposal.Applied) {
                assertThat(late.replica().topics().named(topic))
                        .as("seed %d, %s", seed, topic)
                        .isPresent();
            }
        });
        for (Member member : cluster.members) {
            assertThat(member.replica().stopped()).as("seed " + seed).isNotDone();
            assertThat(member.replica().digest())
                    .as("seed " + seed)
                    .isEqualTo(late.replica().digest());
        }
    }
}
