package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Proposal;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.etcd.EtcdCluster.Member;
import io.millrace.metadata.log.etcd.SuspendableProcess.Side;
import io.millrace.metadata.log.etcd.SuspendableProcess.Step;
import io.millrace.metadata.proto.StoredArchive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sealers that are suspended at each of their steps, and their successors. */
final class SuspendedSealerTest {

    /** More revisions than a sealer keeps in etcd's history, so that compaction runs. */
    private static final long LONG_HISTORY = 20_000;

    private static final int ENTRIES_BEFORE = 10;
    private static final int ENTRIES_AFTER = 60;

    private final EtcdCluster cluster = new EtcdCluster(1, 3);
    private final SuspendableProcess held = new SuspendableProcess();
    private final List<CompletableFuture<Proposal>> proposals = new ArrayList<>();

    static List<Arguments> everyStep() {
        List<Arguments> all = new ArrayList<>();
        for (Step step : Step.values()) {
            for (Side side : Side.values()) {
                all.add(Arguments.of(step, side));
            }
        }
        return all;
    }

    private void write(Member writer, int entries) {
        for (int i = 0; i < entries; i++) {
            proposals.add(cluster.create(writer, "t" + proposals.size()));
            cluster.pass(Duration.ofMillis(300));
        }
    }

    private void writeUntilHeld(Member writer, Step step, Side side) {
        write(writer, ENTRIES_BEFORE);
        cluster.etcd.advanceRevision(LONG_HISTORY);
        held.holdAt(step, side);
        for (int i = 0; i < 20 && !held.isHeld(); i++) {
            write(writer, 7);
        }
        assertThat(held.isHeld()).as("the sealer reached the step").isTrue();
    }

    private LogManifest manifest() {
        return LogManifest.parse(cluster.etcd.value("/millrace/test/manifest"), "manifest");
    }

    private Set<String> needed() {
        Set<String> needed = new TreeSet<>();
        manifest().archives().stream().map(StoredArchive::getKey).forEach(needed::add);
        manifest().checkpoint().ifPresent(checkpoint -> needed.add(checkpoint.getKey()));
        manifest().copy().ifPresent(copy -> needed.add(copy.value()));
        return needed;
    }

    /**
     * Checks that every entry exists once, that etcd is small, and that only orphans are left over.
     */
    private void assertLogIsComplete(Member sealer, int maxOrphans) {
        cluster.pass(Duration.ofSeconds(30));
        Member late = cluster.startReady(false);

        assertThat(proposals)
                .allSatisfy(proposal ->
                        assertThat(proposal.join()).isInstanceOf(Proposal.Applied.class));
        assertThat(late.replica().topics().all()).hasSize(proposals.size());
        assertThat(late.replica().digest()).isEqualTo(sealer.replica().digest());
        assertThat(cluster.etcd.keys()).hasSizeLessThan(20);
        List<String> stored =
                cluster.bucket.keys().stream().map(key -> key.value()).sorted().toList();
        Set<String> needed = needed();
        assertThat(stored).containsAll(needed);
        assertThat(stored)
                .filteredOn(key -> !needed.contains(key))
                .as("orphans")
                .hasSizeLessThanOrEqualTo(maxOrphans);
    }

    @ParameterizedTest
    @MethodSource("everyStep")
    void theNextSealerContinuesAfterAKillAtAnyStep(Step step, Side side) {
        cluster.start(true, held);
        Member next = cluster.startReady(false);
        writeUntilHeld(next, step, side);
        next.seals = true;
        write(next, ENTRIES_AFTER);

        assertLogIsComplete(next, 2);
    }

    @ParameterizedTest
    @MethodSource("everyStep")
    void aSealerThatWakesEpochsLaterUndoesNothing(Step step, Side side) {
        Member sleeper = cluster.start(true, held);
        Member next = cluster.startReady(false);
        writeUntilHeld(next, step, side);
        next.seals = true;
        write(next, ENTRIES_AFTER);
        long sealed = manifest().firstLiveEpoch();
        held.resume();
        assertThat(manifest().firstLiveEpoch()).isGreaterThanOrEqualTo(sealed);
        write(next, ENTRIES_AFTER);

        assertLogIsComplete(next, 4);
        assertThat(sleeper.replica().stopped()).isNotDone();
        assertThat(sleeper.replica().digest()).isEqualTo(next.replica().digest());
    }

    @Test
    void aCheckpointThatIsLateDoesNotTakeThePlaceOfANewerOne() {
        Member slow = cluster.start(true, held);
        Member next = cluster.startReady(false);
        held.delayAnswer(Step.PUT_CHECKPOINT);
        for (int i = 0; i < 20 && !held.isDelayed(); i++) {
            write(next, 7);
        }
        assertThat(held.isDelayed()).isTrue();
        slow.seals = false;
        next.seals = true;
        write(next, ENTRIES_AFTER);
        long kept = manifest().checkpointPosition();

        held.deliverDelayedAnswer();
        for (int i = 0; i < 100; i++) {
            cluster.pass(Duration.ofMillis(1));
            assertThat(manifest().checkpointPosition()).isGreaterThanOrEqualTo(kept);
        }
        assertLogIsComplete(next, 0);
    }

    @Test
    void aCheckpointThatTheManifestDoesNotListIsNotStored() {
        Member slow = cluster.start(true, held);
        Member next = cluster.startReady(false);
        held.delayAnswer(Step.PUT_CHECKPOINT);
        for (int i = 0; i < 20 && !held.isDelayed(); i++) {
            write(next, 7);
        }
        assertThat(held.isDelayed()).isTrue();
        slow.seals = false;
        slow.client.silenceWatches();
        slow.client.setDisconnected(true);
        next.seals = true;
        long epoch = manifest().firstLiveEpoch();
        for (int i = 0; i < 20 && manifest().firstLiveEpoch() == epoch; i++) {
            write(next, 1);
        }
        slow.client.setDisconnected(false);
        held.deliverDelayedAnswer();
        cluster.pass(Duration.ofSeconds(1));

        assertThat(slow.timed("millrace.metadata.checkpoint")).isZero();
        assertLogIsComplete(next, 0);
    }

    @Test
    void anEpochIsArchivedEvenIfAllReplicasStartedFromALaterCheckpoint() {
        cluster.start(true, held);
        SuspendableProcess nextHeld = new SuspendableProcess();
        Member next = cluster.start(false, nextHeld);
        cluster.pass(Duration.ofSeconds(1));
        for (int i = 0; i < 20 && manifest().uncovered().isEmpty(); i++) {
            write(next, 1);
        }
        held.holdAt(Step.PUT_ARCHIVE, Side.BEFORE);
        for (int i = 0; i < 20 && !held.isHeld(); i++) {
            write(next, 1);
        }
        assertThat(held.isHeld()).as("the sealer has closed another epoch").isTrue();
        cluster.pass(cluster.checkpointAge());
        nextHeld.holdAt(Step.KEEP_CHECKPOINT, Side.AFTER);
        next.seals = true;
        cluster.pass(Duration.ofSeconds(3));
        assertThat(nextHeld.isHeld()).as("a checkpoint was kept").isTrue();
        assertThat(EtcdKeys.number(cluster.etcd.value("/millrace/test/epoch")))
                .as("an epoch is closed and not archived")
                .isGreaterThan(manifest().firstLiveEpoch());
        assertThat(manifest().checkpointPosition())
                .as("the checkpoint covers all writes")
                .isGreaterThanOrEqualTo(proposals.size());

        Member last = cluster.startReady(true);
        write(last, ENTRIES_AFTER);

        assertLogIsComplete(last, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void consecutiveSuspensionsLoseNothing(int seed) {
        Member last = cluster.startReady(false);
        for (int i = 0; i < Step.values().length; i++) {
            SuspendableProcess process = new SuspendableProcess();
            cluster.start(true, process);
            write(last, 2);
            process.holdAt(Step.values()[(i * seed) % Step.values().length], Side.AFTER);
            for (int tries = 0; tries < 20 && !process.isHeld(); tries++) {
                write(last, 7);
            }
        }
        last.seals = true;
        write(last, ENTRIES_AFTER);

        assertLogIsComplete(last, 2 * Step.values().length);
    }
}
