package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.ingest.IngestFixture.Reply;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of sealing and memory while uploads are slow. */
class IngestUnderLoadTest {

    private static final IngestSettings SETTINGS =
            IngestSettings.of(IngestSettings.Profile.BALANCED, "test", 64L << 20);

    private final IngestFixture ingest = new IngestFixture(SETTINGS);

    @Test
    void theLingerGrowsWhileUploadsAreInFlight() {
        assertThat(callsWhileOneIsSlow(IngestSettings.Profile.LATENCY, 3)).isEqualTo(1);
        assertThat(callsWhileOneIsSlow(IngestSettings.Profile.LATENCY, 10)).isEqualTo(2);
        assertThat(callsWhileOneIsSlow(IngestSettings.Profile.BALANCED, 98)).isEqualTo(1);
        assertThat(callsWhileOneIsSlow(IngestSettings.Profile.BALANCED, 102)).isEqualTo(2);
    }

    private static int callsWhileOneIsSlow(IngestSettings.Profile profile, int millis) {
        IngestFixture busy = new IngestFixture(IngestSettings.of(profile, "test", 64L << 20));
        busy.store.byDefault(Fault.late(busy.loop, Duration.ofMillis(200)));
        busy.produce(0, "a");
        busy.pass(2);
        busy.produce(1, "b");
        busy.pass(millis);
        return busy.store.calls();
    }

    @Test
    void aSteadyStreamMakesABlockForEachLingerHoweverFastTheBucketAnswers() {
        steady(10_000, 2_000);
        int before = ingest.store.calls();
        steady(10_000, 2_000);
        assertThat(ingest.store.calls() - before).isBetween(18, 20);
    }

    @Test
    void producersThatWaitForRepliesAreNotHeldBackByTheirOwnRate() {
        IngestFixture quick =
                new IngestFixture(
                        IngestSettings.of(IngestSettings.Profile.LATENCY, "test", 64L << 20));
        String batch = "x".repeat(800_000);
        for (int round = 0; round < 100; round++) {
            Reply first = quick.produce(0, batch);
            Reply second = quick.produce(1, batch);
            // The first block has one batch, because nothing is known of the second producer.
            quick.pass(round == 0 ? 15 : 8);
            assertThat(List.of(first, second)).noneMatch(Reply::isPending);
        }
        assertThat(quick.store.calls()).isEqualTo(101);
    }

    @Test
    void aThinStreamIsAnsweredSoon() {
        List<Reply> replies = steady(1_000, 2_000);
        ingest.pass(500);
        assertThat(replies.subList(1_000, 2_000))
                .allSatisfy(r ->
                        assertThat(r.acknowledged().timing().lingerNanos())
                                .isLessThan(Duration.ofMillis(10).toNanos()));
    }

    /** Produces this many bytes per millisecond for this many milliseconds. */
    private List<Reply> steady(int bytes, int millis) {
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < millis; i++) {
            replies.add(ingest.produce(i % 4, "x".repeat(bytes)));
            ingest.pass(1);
        }
        return replies;
    }

    @Test
    void anOldBlockIsSealedTheMomentAnUploadEnds() {
        Reply first = fillTheUploads();
        Reply waiting = ingest.produce(0, "old");
        ingest.pass(SETTINGS.linger().toMillis() * 3);
        assertThat(ingest.store.calls()).isEqualTo(SETTINGS.maxUploads());
        assertThat(ingest.offered).hasSize(SETTINGS.maxUploads());
        while (first.isPending()) {
            ingest.pass(1);
        }
        assertThat(ingest.store.calls()).isEqualTo(SETTINGS.maxUploads() + 1);
        ingest.pass(5_000);
        assertThat(waiting.acknowledged().baseOffset()).isZero();
    }

    @Test
    void fullBlockUploadsBeforeLaterBlocks() {
        fillTheUploads();
        List<Reply> full = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            full.add(ingest.produce(0, "x".repeat(1_000_000)));
        }
        Reply after = ingest.produce(0, "behind");
        ingest.pass(10_000);
        assertThat(full).allSatisfy(Reply::acknowledged);
        assertThat(after.acknowledged().baseOffset()).isEqualTo(9);
        assertThat(ingest.memoryUsed()).isZero();
    }

    @Test
    void failedUploadFreesItsSlot() {
        ingest.store.next(
                Fault.late(
                        ingest.loop,
                        Duration.ofMillis(1_500),
                        Fault.failing(new ObjectStoreException.Unavailable("down", null))));
        Reply failing = fillTheUploads();
        ingest.produce(0, "old");
        while (failing.isPending()) {
            ingest.pass(1);
        }
        assertThat(failing.rejected().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(ingest.store.calls()).isEqualTo(SETTINGS.maxUploads() + 1);
    }

    @Test
    void blocksBehindHangingUploadsAreAnsweredAndReleased() {
        ingest.store.byDefault(Fault.silent());
        List<Reply> replies = new ArrayList<>();
        long deadlineMs = SETTINGS.uploadDeadline().toMillis();
        for (long passed = 0; passed < 2 * deadlineMs; passed += 100) {
            if (ingest.node.hasRoom()) {
                replies.add(ingest.produce(0, "x".repeat(900_000)));
            }
            assertThat(ingest.memoryUsed()).isLessThan(SETTINGS.memoryLimitBytes() * 5 / 4);
            ingest.pass(100);
        }
        ingest.pass(3 * deadlineMs);
        assertThat(replies)
                .hasSizeGreaterThan(SETTINGS.maxUploads())
                .allSatisfy(r ->
                        assertThat(r.rejected().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE));
        assertThat(ingest.metadata.proposals()).isZero();
        assertThat(ingest.memoryUsed()).isZero();
    }

    @Test
    void pastTheMemoryLimitThereIsNoRoomUntilABlockIsAnswered() {
        IngestFixture small =
                new IngestFixture(
                        IngestSettings.of(IngestSettings.Profile.LATENCY, "test", 8L << 20));
        small.store.byDefault(Fault.late(small.loop, Duration.ofMillis(500)));
        List<Reply> replies = new ArrayList<>();
        while (small.node.hasRoom()) {
            replies.add(small.produce(0, "x".repeat(900_000)));
        }
        boolean[] room = new boolean[1];
        small.node.whenRoom(() -> room[0] = true);
        assertThat(replies).hasSizeBetween(8, 10);
        assertThat(room[0]).isFalse();
        small.pass(2_000);
        assertThat(room[0]).isTrue();
        assertThat(replies).allSatisfy(Reply::acknowledged);
    }

    @Test
    void whatComesFarPastTheMemoryLimitIsRefusedAsRetriable() {
        IngestFixture small =
                new IngestFixture(
                        IngestSettings.of(IngestSettings.Profile.LATENCY, "test", 8L << 20));
        small.store.byDefault(Fault.late(small.loop, Duration.ofMillis(500)));
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            replies.add(small.produce(0, "x".repeat(900_000)));
        }
        assertThat(replies.getLast().rejected().reason()).isEqualTo(Reason.OVERLOADED);
        small.pass(2_000);
        assertThat(replies.getFirst().acknowledged().baseOffset()).isZero();
    }

    /**
     * Starts the maximum number of uploads and returns the reply of the first, which ends first.
     */
    private Reply fillTheUploads() {
        ingest.store.byDefault(Fault.late(ingest.loop, Duration.ofSeconds(3)));
        List<Reply> replies = new ArrayList<>();
        while (ingest.store.calls() < SETTINGS.maxUploads()) {
            int before = ingest.store.calls();
            replies.add(ingest.produce(1, "a"));
            while (ingest.store.calls() == before) {
                ingest.pass(1);
            }
        }
        return replies.getFirst();
    }
}
