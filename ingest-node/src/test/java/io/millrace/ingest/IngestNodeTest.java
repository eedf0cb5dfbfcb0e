package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.ingest.FakeStore.Put;
import io.millrace.ingest.Ingest.Reply;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command.BlockCommitted;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.storage.object.ObjectStoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class IngestNodeTest {

    private static final Duration SHORT = Duration.ofMillis(5);

    private final Ingest ingest = new Ingest();

    @Test
    void aBatchIsAcknowledgedWithItsOffsetAndCanBeReadThere() {
        ingest.produce(0, "a", "b");
        ingest.pass(100);
        Reply reply = ingest.produce(0, "c");
        ingest.pass(100);
        assertThat(reply.acknowledged().baseOffset()).isEqualTo(2);
        assertThat(ingest.values(1, 0)).containsExactly("a", "b", "c");
    }

    @Test
    void batchesThatArriveTogetherShareABlock() {
        Reply one = ingest.produce(1, "a");
        Reply two = ingest.produce(0, "b");
        ingest.pass(100);
        assertThat(ingest.store.putCount()).isEqualTo(1);
        assertThat(one.acknowledged().baseOffset()).isZero();
        assertThat(two.acknowledged().baseOffset()).isZero();
    }

    @Test
    void neighbouringBatchesWithoutProducerIdAreOneItem() {
        List<Reply> replies =
                List.of(
                        ingest.produce(0, "a", "b"),
                        ingest.produce(0, "c"),
                        ingest.produce(0, "d"));
        ingest.pass(100);
        assertThat(((BlockCommitted) ingest.metadata.applied.getFirst()).items()).hasSize(1);
        assertThat(replies)
                .extracting(r -> r.acknowledged().baseOffset())
                .containsExactly(0L, 2L, 3L);
    }

    @Test
    void aSealedBlockIsOfferedToReadersBeforeItsUploadEnds() {
        ingest.produce(0, "a");
        ingest.pass(2);
        assertThat(ingest.offered).hasSize(1);
        assertThat(ingest.store.objects).isEmpty();
    }

    @Test
    void thePartsOfTheTimingAddUpToTheWholeTime() {
        Reply reply = ingest.produce(0, "a");
        ingest.pass(100);
        Timing timing = reply.acknowledged().timing();
        assertThat(timing.lingerNanos()).isEqualTo(Duration.ofMillis(1).toNanos());
        assertThat(timing.uploadNanos()).isEqualTo(Duration.ofMillis(5).toNanos());
        assertThat(timing.appendNanos()).isEqualTo(FakeMetadata.APPEND.toNanos());
        assertThat(timing.applyNanos()).isEqualTo(FakeMetadata.APPLY.toNanos());
    }

    @Test
    void theLingerGrowsWhileUploadsAreInFlight() {
        ingest.store.onPut(number -> new Put(Duration.ofMillis(200), null));
        ingest.produce(0, "a");
        ingest.pass(2);
        ingest.produce(1, "b");
        ingest.pass(5);
        assertThat(ingest.store.putCount()).isEqualTo(1);
        ingest.pass(10);
        assertThat(ingest.store.putCount()).isEqualTo(2);
    }

    @Test
    void anUnknownTopicIsDeniedOnlyAfterABarrier() {
        Reply reply = ingest.produce(1, "none", 0, Batches.of("a"));
        assertThat(reply.isPending()).isTrue();
        ingest.pass(100);
        assertThat(reply.refused().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(ingest.metadata.barriers).isEqualTo(1);
        assertNothingWasStored();
    }

    @Test
    void aTopicThatThisNodeHadNotHeardOfIsFoundByTheBarrier() {
        ingest.metadata.beforeBarrierEnds(() -> {
            if (ingest.metadata.topics().named("late").isEmpty()) {
                ingest.metadata.create("late", 1, Map.of());
            }
        });
        Reply one = ingest.produce(1, "late", 0, Batches.of("a"));
        ingest.pass(1);
        Reply two = ingest.produce(1, "late", 0, Batches.of("b"));
        ingest.pass(100);
        assertThat(one.acknowledged().baseOffset()).isZero();
        assertThat(two.acknowledged().baseOffset()).isEqualTo(1);
    }

    @Test
    void anUnknownPartitionIsRefused() {
        Reply above = ingest.produce(4, "a");
        Reply below = ingest.produce(-1, "a");
        ingest.pass(100);
        assertThat(above.refused().reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertThat(below.refused().reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertNothingWasStored();
    }

    @Test
    void badBatchesAreRefusedAndNothingIsStored() {
        ByteString good = Batches.of("a", "b");
        assertRefused(good.substring(0, good.size() - 1), Reason.MALFORMED_BATCH);
        assertRefused(ByteString.EMPTY, Reason.MALFORMED_BATCH);
        assertRefused(changed(good, good.size() - 1, 1), Reason.CHECKSUM_MISMATCH);
        assertRefused(changed(good, 16, 1), Reason.UNSUPPORTED_BATCH);
        assertRefused(Batches.at(Ingest.START_MS + 7_200_000, "a"), Reason.TIMESTAMP_TOO_FAR_AHEAD);
        assertRefused(Batches.of("x".repeat(1_100_000)), Reason.TOO_LARGE);
        assertNothingWasStored();
    }

    @Test
    void aRefusedBatchLeavesItsNeighboursAsTheyAre() {
        Reply before = ingest.produce(0, "a");
        Reply bad = ingest.produce(1, "t", 0, changed(Batches.of("bad"), 70, 1));
        Reply after = ingest.produce(0, "b");
        ingest.pass(100);
        assertThat(bad.refused().reason()).isEqualTo(Reason.CHECKSUM_MISMATCH);
        assertThat(before.acknowledged().baseOffset()).isZero();
        assertThat(after.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(ingest.values(1, 0)).containsExactly("a", "b");
    }

    @Test
    void aCompactedTopicRefusesARecordWithoutKey() {
        ingest.metadata.create("c", 1, Map.of("cleanup.policy", "compact"));
        Reply without = ingest.produce(1, "c", 0, Batches.withoutKey("a"));
        ingest.pass(100);
        assertThat(without.refused().reason()).isEqualTo(Reason.NULL_KEY);
        assertNothingWasStored();
        Reply with = ingest.produce(1, "c", 0, Batches.of("b"));
        ingest.pass(100);
        assertThat(with.acknowledged().baseOffset()).isZero();
    }

    @Test
    void logAppendTimeIsStampedAtSealing() {
        ingest.metadata.create("l", 1, Map.of("message.timestamp.type", "LogAppendTime"));
        Reply reply = ingest.produce(1, "l", 0, Batches.at(5, "a"));
        ingest.pass(100);
        byte[] stored = stored(2, 0);
        assertThat(BatchHeader.isLogAppendTime(stored, 0)).isTrue();
        assertThat(BatchHeader.maxTimestampMs(stored, 0))
                .isEqualTo(reply.acknowledged().appendTimeMs())
                .isEqualTo(Ingest.START_MS + 1);
        assertThat(BatchHeader.crc(stored, 0))
                .isEqualTo(BatchHeader.computeCrc(stored, 0, stored.length));
    }

    @Test
    void anUncompressedBatchIsCompressedWhereTheTopicAsks() {
        ingest.metadata.create("z", 1, Map.of("compression.type", "lz4"));
        ByteString batch = Batches.idempotent(9, 0, "a".repeat(10_000));
        ingest.produce(1, "z", 0, batch);
        ingest.pass(100);
        byte[] stored = stored(2, 0);
        assertThat(BatchHeader.compression(stored, 0)).isEqualTo(3);
        assertThat(BatchHeader.producerId(stored, 0)).isEqualTo(9);
        assertThat(stored.length).isLessThan(1_000);
        assertThat(ingest.values(2, 0)).containsExactly("a".repeat(10_000));
    }

    @Test
    void recordsOfManyProducersShareABatchAndEachGetsItsOwnOffset() {
        String line = "the same line again ".repeat(20);
        Reply one = ingest.produceRecords(1, 0, records("a", line));
        Reply two = ingest.produceRecords(2, 0, records("c"));
        Reply three = ingest.produceRecords(1, 0, records("d"));
        ingest.pass(100);
        assertThat(one.acknowledged().baseOffset()).isZero();
        assertThat(two.acknowledged().baseOffset()).isEqualTo(2);
        assertThat(three.acknowledged().baseOffset()).isEqualTo(3);
        byte[] stored = stored(1, 0);
        assertThat(BatchHeader.recordCount(stored, 0)).isEqualTo(4);
        assertThat(BatchHeader.compression(stored, 0)).isEqualTo(4);
        assertThat(ingest.values(1, 0)).containsExactly("a", line, "c", "d");
    }

    @Test
    void recordsAndReadyBatchesOfAPartitionKeepTheirOrder() {
        ingest.produceRecords(1, 0, records("a"));
        ingest.produce(1, "t", 0, Batches.of("b"));
        Reply last = ingest.produceRecords(1, 0, records("c"));
        ingest.pass(100);
        assertThat(last.acknowledged().baseOffset()).isEqualTo(2);
        assertThat(ingest.values(1, 0)).containsExactly("a", "b", "c");
    }

    @Test
    void badRecordsAreRefusedAndNothingIsStored() {
        Reply garbage = ingest.produceRecords(1, 0, ByteString.copyFromUtf8("\u0001 no message"));
        Reply none = ingest.produceRecords(1, 0, ByteString.EMPTY);
        Reply large = ingest.produceRecords(1, 0, records("x".repeat(1_100_000)));
        ingest.pass(100);
        assertThat(garbage.refused().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(none.refused().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(large.refused().reason()).isEqualTo(Reason.TOO_LARGE);
        assertNothingWasStored();
    }

    @Test
    void aSlowPutHoldsUpItsOwnConnectionAndPartitionOnly() {
        ingest.store.onPut(n -> new Put(Duration.ofMillis(n == 0 ? 500 : 5), null));
        Reply slow = ingest.produce(1, "t", 0, Batches.of("a"));
        ingest.pass(20);
        Reply behind = ingest.produce(1, "t", 0, Batches.of("b"));
        ingest.pass(50);
        Reply other = ingest.produce(2, "t", 0, Batches.of("c"));
        ingest.pass(100);
        assertThat(other.acknowledged().baseOffset()).isZero();
        assertThat(behind.isPending()).isTrue();
        ingest.pass(500);
        assertThat(slow.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(behind.acknowledged().baseOffset()).isEqualTo(2);
    }

    @Test
    void aFailedUploadFailsItsProducersAndIsNeverAppended() {
        ingest.store.onPut(n ->
                new Put(SHORT, n == 0 ? new ObjectStoreException.Unavailable("down", null) : null));
        Reply failed = ingest.produce(0, "a");
        ingest.pass(100);
        Reply next = ingest.produce(0, "b");
        ingest.pass(100);
        assertThat(failed.refused().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(next.acknowledged().baseOffset()).isZero();
        assertThat(ingest.metadata.applied).hasSize(1);
    }

    @Test
    void aFullBucketIsARetriableRefusal() {
        ingest.store.onPut(n -> new Put(SHORT, new ObjectStoreException.Full("full", null)));
        Reply reply = ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(reply.refused().reason()).isEqualTo(Reason.STORAGE_FULL);
        assertThat(reply.refused().retriable()).isTrue();
    }

    @Test
    void anUploadThatEndsAfterItsDeadlineIsNotAppended() {
        ingest.store.onPut(n -> new Put(Duration.ofSeconds(40), null));
        Reply reply = ingest.produce(0, "a");
        ingest.pass(31_000);
        assertThat(reply.refused().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        ingest.pass(30_000);
        assertThat(ingest.metadata.applied).isEmpty();
    }

    @Test
    void anUnknownOutcomeIsToldAsSuch() {
        Problem problem = new Problem(Reason.OUTCOME_UNKNOWN, "The log is away.");
        ingest.metadata.answers.add(command -> new Proposal.Unknown(problem));
        Reply reply = ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(reply.refused()).isEqualTo(problem);
    }

    @Test
    void aRetryOfAnIdempotentBatchGetsItsFirstOffsetAndTime() {
        ingest.produce(0, "x");
        Reply first = ingest.produce(1, "t", 0, Batches.idempotent(9, 0, "a", "b"));
        ingest.pass(100);
        Reply again = ingest.produce(1, "t", 0, Batches.idempotent(9, 0, "a", "b"));
        ingest.pass(100);
        assertThat(again.acknowledged().duplicate()).isTrue();
        assertThat(again.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(again.acknowledged().appendTimeMs())
                .isEqualTo(first.acknowledged().appendTimeMs());
        assertThat(ingest.values(1, 0)).containsExactly("x", "a", "b");
    }

    @Test
    void aTopicDeletedOnTheWayIsARefusal() {
        Reply reply = ingest.produce(0, "a");
        ingest.pass(3);
        ingest.metadata.delete("t");
        ingest.pass(100);
        assertThat(reply.refused().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
    }

    @Test
    void pastTheMemoryLimitThereIsNoRoomUntilABlockIsAnswered() {
        Ingest small =
                new Ingest(IngestSettings.of(IngestSettings.Profile.LATENCY, "test", 8L << 20));
        small.store.onPut(n -> new Put(Duration.ofMillis(500), null));
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
        Ingest small =
                new Ingest(IngestSettings.of(IngestSettings.Profile.LATENCY, "test", 8L << 20));
        small.store.onPut(n -> new Put(Duration.ofMillis(500), null));
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            replies.add(small.produce(0, "x".repeat(900_000)));
        }
        assertThat(replies.getLast().refused().reason()).isEqualTo(Reason.OVERLOADED);
        small.pass(2_000);
        assertThat(replies.getFirst().acknowledged().baseOffset()).isZero();
    }

    @Test
    void drainingAnswersWhatWasAcceptedAndRefusesTheRest() {
        Reply accepted = ingest.produce(0, "a");
        List<CompletableFuture<Void>> drained = new ArrayList<>();
        ingest.loop.call(() -> drained.add(ingest.node.drain(Duration.ofSeconds(5))));
        Reply late = ingest.produce(0, "b");
        assertThat(late.refused().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(drained.getFirst()).isNotDone();
        ingest.pass(100);
        assertThat(accepted.acknowledged().baseOffset()).isZero();
        assertThat(drained.getFirst()).isCompleted();
    }

    @Test
    void aDrainThatRunsOutOfTimeStillAnswersEverybody() {
        ingest.store.onPut(n -> new Put(Duration.ofSeconds(20), null));
        Reply accepted = ingest.produce(0, "a");
        List<CompletableFuture<Void>> drained = new ArrayList<>();
        ingest.loop.call(() -> drained.add(ingest.node.drain(Duration.ofSeconds(5))));
        ingest.pass(5_000);
        assertThat(accepted.refused().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(drained.getFirst()).isCompleted();
        ingest.pass(60_000);
        assertThat(ingest.metadata.applied).isEmpty();
    }

    @Test
    void producerIdsComeInRangesAndNoTwoAreEqual() {
        List<CompletableFuture<ProducerIdLease>> leases = new ArrayList<>();
        ingest.loop.call(() -> {
            for (int i = 0; i < 1_500; i++) {
                leases.add(ingest.node.allocateProducerId());
            }
        });
        ingest.pass(100);
        assertThat(leases).extracting(l -> l.join().producerId()).doesNotHaveDuplicates();
        assertThat(ingest.metadata.applied).hasSize(2);
    }

    private void assertRefused(ByteString batch, Reason reason) {
        Reply reply = ingest.produce(1, "t", 0, batch);
        ingest.pass(100);
        assertThat(reply.refused().reason()).isEqualTo(reason);
        assertThat(reply.refused().message()).startsWith("t-0: ");
    }

    private void assertNothingWasStored() {
        assertThat(ingest.store.putCount()).isZero();
        assertThat(ingest.metadata.applied).isEmpty();
    }

    private byte[] stored(long topicId, int partition) {
        return ingest.bytes(
                Objects.requireNonNull(
                                ingest.metadata.extents.get(
                                        new FakeMetadata.Place(topicId, partition)))
                        .getFirst());
    }

    private static ByteString changed(ByteString batch, int at, int xor) {
        byte[] bytes = batch.toByteArray();
        bytes[at] ^= (byte) xor;
        return ByteString.copyFrom(bytes);
    }

    private static ByteString records(String... values) {
        RecordSet.Builder set = RecordSet.newBuilder();
        for (String value : values) {
            set.addRecords(Record.newBuilder().setValue(ByteString.copyFromUtf8(value)));
        }
        return set.build().toByteString();
    }
}
