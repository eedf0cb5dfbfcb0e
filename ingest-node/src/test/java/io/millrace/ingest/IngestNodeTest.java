package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.ingest.IngestFixture.Reply;
import io.millrace.ingest.block.CommitTiming;
import io.millrace.ingest.block.IngestSettings;
import io.millrace.metadata.Extent;
import io.millrace.metadata.FaultyMetadata;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.storage.object.FaultyObjectStore.Fault;
import io.millrace.storage.object.ObjectStoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class IngestNodeTest {

    private final IngestFixture ingest = new IngestFixture();

    @Test
    void aBatchIsAcknowledgedWithItsOffsetAndCanBeReadThere() {
        ingest.produce(0, "a", "b");
        ingest.pass(100);
        Reply reply = ingest.produce(0, "c");
        ingest.pass(100);
        assertThat(reply.acknowledged().baseOffset()).isEqualTo(2);
        assertThat(ingest.values("t", 0)).containsExactly("a", "b", "c");
    }

    @Test
    void aStoredBatchHasTheGenerationOfTheClusterAsItsLeaderEpoch() {
        ingest.produce(0, "a");
        ingest.pass(100);
        byte[] batch = ingest.bytes(ingest.extents("t", 0).getFirst());
        assertThat(BatchHeader.leaderEpoch(batch, 0)).isEqualTo(1);
        assertThat(BatchHeader.crc(batch, 0))
                .isEqualTo(BatchHeader.computeCrc(batch, 0, batch.length));
    }

    @Test
    void batchesThatArriveTogetherShareABlock() {
        Reply one = ingest.produce(1, "a");
        Reply two = ingest.produce(0, "b");
        ingest.pass(100);
        assertThat(ingest.store.calls()).isEqualTo(1);
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
        assertThat(ingest.extents("t", 0)).hasSize(1);
        assertThat(replies)
                .extracting(r -> r.acknowledged().baseOffset())
                .containsExactly(0L, 2L, 3L);
    }

    @Test
    void aSealedBlockIsOfferedToReadersBeforeItsUploadEnds() {
        ingest.produce(0, "a");
        ingest.pass(2);
        assertThat(ingest.offered).hasSize(1);
        assertThat(ingest.bucket.keys()).isEmpty();
    }

    @Test
    void aBlockIsAnnouncedWhenItIsInTheBucketAndBeforeItIsCommitted() {
        Reply reply = ingest.produce(0, "a");
        ingest.pass(1 + IngestFixture.PUT.toMillis() - 1);
        assertThat(ingest.uploaded).isEmpty();
        ingest.pass(1);
        assertThat(ingest.uploaded).containsExactly(ingest.offered.getFirst().ref());
        assertThat(ingest.withdrawn).isEmpty();
        assertThat(ingest.bucket.keys()).hasSize(1);
        assertThat(reply.isPending()).isTrue();
    }

    @Test
    void aBlockWhoseUploadFailedIsWithdrawnAndNotAnnounced() {
        ingest.store.next(Fault.failing(new ObjectStoreException.Full("full", null)));
        ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(ingest.withdrawn).containsExactly(ingest.offered.getFirst().ref().id());
        assertThat(ingest.uploaded).isEmpty();
    }

    @Test
    void thePartsOfTheTimingAddUpToTheWholeTime() {
        Reply reply = ingest.produce(0, "a");
        ingest.pass(100);
        CommitTiming timing = reply.acknowledged().timing();
        assertThat(timing.lingerNanos()).isEqualTo(Duration.ofMillis(1).toNanos());
        assertThat(timing.uploadNanos()).isEqualTo(IngestFixture.PUT.toNanos());
        assertThat(timing.appendNanos()).isEqualTo(IngestFixture.APPEND.toNanos());
        // Computation takes no virtual time.
        assertThat(timing.applyNanos()).isZero();
    }

    @Test
    void unknownTopicIsRejectedOnlyAfterABarrier() {
        ingest.otherNode().createTopic("other", 1);
        Reply reply = ingest.produce(1, "none", 0, Batches.of("a"));
        assertThat(reply.isPending()).isTrue();
        ingest.pass(2_000);
        assertThat(reply.rejected().reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
        assertNothingWasStored();
    }

    @Test
    void aTopicThatThisNodeHadNotHeardOfIsFoundByTheBarrier() {
        ingest.otherNode().createTopic("late", 1);
        Reply one = ingest.produce(1, "late", 0, Batches.of("a"));
        ingest.pass(1);
        Reply two = ingest.produce(1, "late", 0, Batches.of("b"));
        ingest.pass(2_000);
        assertThat(one.acknowledged().baseOffset()).isZero();
        assertThat(two.acknowledged().baseOffset()).isEqualTo(1);
    }

    @Test
    void anIllegalTopicNameIsRefusedWithoutABarrier() {
        Reply reply = ingest.produce(1, "no/such topic", 0, Batches.of("a"));
        assertThat(reply.rejected().reason()).isEqualTo(Reason.INVALID_TOPIC_NAME);
        assertThat(reply.rejected().message()).contains("no/such topic");
    }

    @Test
    void anUnknownPartitionIsRefused() {
        Reply above = ingest.produce(4, "a");
        Reply below = ingest.produce(-1, "a");
        ingest.pass(100);
        assertThat(above.rejected().reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertThat(below.rejected().reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
        assertNothingWasStored();
    }

    @Test
    void badBatchesAreRefusedAndNothingIsStored() {
        ByteString good = Batches.of("a", "b");
        assertRejected(good.substring(0, good.size() - 1), Reason.MALFORMED_BATCH);
        assertRejected(ByteString.EMPTY, Reason.MALFORMED_BATCH);
        assertRejected(changed(good, good.size() - 1, 1), Reason.CHECKSUM_MISMATCH);
        assertRejected(changed(good, 16, 1), Reason.UNSUPPORTED_BATCH);
        assertRejected(
                Batches.at(IngestFixture.START_MS + 7_200_000, "a"),
                Reason.TIMESTAMP_TOO_FAR_AHEAD);
        assertRejected(Batches.of("x".repeat(1_100_000)), Reason.TOO_LARGE);
        assertNothingWasStored();
    }

    @Test
    void aRefusedBatchLeavesItsNeighboursAsTheyAre() {
        Reply before = ingest.produce(0, "a");
        Reply bad = ingest.produce(1, "t", 0, changed(Batches.of("bad"), 70, 1));
        Reply after = ingest.produce(0, "b");
        ingest.pass(100);
        assertThat(bad.rejected().reason()).isEqualTo(Reason.CHECKSUM_MISMATCH);
        assertThat(before.acknowledged().baseOffset()).isZero();
        assertThat(after.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(ingest.values("t", 0)).containsExactly("a", "b");
    }

    @Test
    void aCompactedTopicRefusesARecordWithoutKey() {
        ingest.create("c", 1, Map.of("cleanup.policy", "compact"));
        Reply without = ingest.produce(1, "c", 0, Batches.withoutKey("a"));
        ingest.pass(100);
        assertThat(without.rejected().reason()).isEqualTo(Reason.NULL_KEY);
        assertNothingWasStored();
        Reply with = ingest.produce(1, "c", 0, Batches.of("b"));
        ingest.pass(100);
        assertThat(with.acknowledged().baseOffset()).isZero();
    }

    @Test
    void logAppendTimeIsStampedAtSealing() {
        ingest.create("l", 1, Map.of("message.timestamp.type", "LogAppendTime"));
        long sealedMs = ingest.nowMs() + 1;
        Reply reply = ingest.produce(1, "l", 0, Batches.at(5, "a"));
        ingest.pass(100);
        byte[] stored = stored("l");
        assertThat(BatchHeader.isLogAppendTime(stored, 0)).isTrue();
        assertThat(BatchHeader.maxTimestampMs(stored, 0))
                .isEqualTo(reply.acknowledged().appendTimeMs())
                .isEqualTo(sealedMs);
        assertThat(BatchHeader.crc(stored, 0))
                .isEqualTo(BatchHeader.computeCrc(stored, 0, stored.length));
    }

    @Test
    void aBatchWhoseRecordsHaveNoTimeIsAsOldAsItsBlock() {
        ingest.create("u", 1, Map.of());
        Reply plain = ingest.produce(1, "u", 0, Batches.at(-1, "a"));
        ingest.pass(100);
        byte[] stored = stored("u");
        assertThat(BatchHeader.maxTimestampMs(stored, 0)).as("what readers get").isEqualTo(-1);
        assertThat(ingest.extents("u", 0))
                .extracting(Extent::maxTimestampMs)
                .containsExactly(plain.acknowledged().appendTimeMs());
        ingest.pass(1_000);
        Reply numbered =
                ingest.produce(1, "u", 0, Batches.idempotentAt(-1, ingest.producerId(), 0, "b"));
        ingest.pass(100);
        assertThat(ingest.extents("u", 0))
                .extracting(Extent::maxTimestampMs)
                .endsWith(numbered.acknowledged().appendTimeMs());
    }

    @Test
    void compactedTopicRejectsInvalidTimestamp() {
        ingest.create("c", 1, Map.of("cleanup.policy", "compact"));
        byte[] batch = Batches.at(0, "a", "b").toByteArray();
        int first = BatchHeader.BYTES;
        int secondTime = first + 1 + batch[first] / 2 + 2;
        assertThat(batch[secondTime]).isZero();
        batch[secondTime] = 2 * 5 - 1;
        ByteBuffer.wrap(batch).putInt(17, BatchHeader.computeCrc(batch, 0, batch.length));
        Reply rejected = ingest.produce(1, "c", 0, ByteString.copyFrom(batch));
        ingest.pass(100);
        assertThat(rejected.rejected().reason()).isEqualTo(Reason.MALFORMED_BATCH);
        assertThat(rejected.rejected().message()).contains("timestamp -5");
        assertNothingWasStored();
    }

    @Test
    void anUncompressedBatchIsCompressedWhereTheTopicAsks() {
        ingest.create("z", 1, Map.of("compression.type", "lz4"));
        long id = ingest.producerId();
        ByteString batch = Batches.idempotent(id, 0, "a".repeat(10_000));
        ingest.produce(1, "z", 0, batch);
        ingest.pass(100);
        byte[] stored = stored("z");
        assertThat(BatchHeader.compression(stored, 0)).isEqualTo(3);
        assertThat(BatchHeader.producerId(stored, 0)).isEqualTo(id);
        assertThat(stored.length).isLessThan(1_000);
        assertThat(ingest.values("z", 0)).containsExactly("a".repeat(10_000));
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
        byte[] stored = stored("t");
        assertThat(BatchHeader.recordCount(stored, 0)).isEqualTo(4);
        assertThat(BatchHeader.compression(stored, 0)).isEqualTo(4);
        assertThat(ingest.values("t", 0)).containsExactly("a", line, "c", "d");
    }

    @Test
    void recordsAndReadyBatchesOfAPartitionKeepTheirOrder() {
        ingest.produceRecords(1, 0, records("a"));
        ingest.produce(1, "t", 0, Batches.of("b"));
        Reply last = ingest.produceRecords(1, 0, records("c"));
        ingest.pass(100);
        assertThat(last.acknowledged().baseOffset()).isEqualTo(2);
        assertThat(ingest.values("t", 0)).containsExactly("a", "b", "c");
    }

    @Test
    void badRecordsAreRefusedAndNothingIsStored() {
        Reply garbage = ingest.produceRecords(1, 0, ByteString.copyFromUtf8("\u0001 no message"));
        Reply none = ingest.produceRecords(1, 0, ByteString.EMPTY);
        Reply large = ingest.produceRecords(1, 0, records("x".repeat(1_100_000)));
        ingest.pass(100);
        assertThat(garbage.rejected().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(none.rejected().reason()).isEqualTo(Reason.MALFORMED_REQUEST);
        assertThat(large.rejected().reason()).isEqualTo(Reason.TOO_LARGE);
        assertNothingWasStored();
    }

    @Test
    void aSlowPutHoldsUpItsOwnConnectionAndPartitionOnly() {
        IngestFixture quick =
                new IngestFixture(
                        IngestSettings.of(IngestSettings.Profile.LATENCY, "test", 64L << 20));
        quick.store.next(Fault.late(quick.loop, Duration.ofMillis(500)));
        Reply slow = quick.produce(1, "t", 0, Batches.of("a"));
        quick.pass(20);
        Reply after = quick.produce(1, "t", 0, Batches.of("b"));
        quick.pass(50);
        Reply other = quick.produce(2, "t", 0, Batches.of("c"));
        quick.pass(100);
        assertThat(other.acknowledged().baseOffset()).isZero();
        assertThat(after.isPending()).isTrue();
        quick.pass(500);
        assertThat(slow.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(after.acknowledged().baseOffset()).isEqualTo(2);
    }

    @Test
    void aFailedUploadFailsItsProducersAndIsNeverAppended() {
        ingest.store.next(
                Fault.late(
                        ingest.loop,
                        IngestFixture.PUT,
                        Fault.failing(new ObjectStoreException.Unavailable("down", null))));
        Reply failed = ingest.produce(0, "a");
        ingest.pass(100);
        Reply next = ingest.produce(0, "b");
        ingest.pass(100);
        assertThat(failed.rejected().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(next.acknowledged().baseOffset()).isZero();
        assertThat(ingest.metadata.proposals()).isEqualTo(1);
    }

    @Test
    void aFullBucketIsARetriableRefusal() {
        ingest.store.next(Fault.failing(new ObjectStoreException.Full("full", null)));
        Reply reply = ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(reply.rejected().reason()).isEqualTo(Reason.STORAGE_FULL);
        assertThat(reply.rejected().retriable()).isTrue();
    }

    @Test
    void anUploadThatEndsAfterItsDeadlineIsNotAppended() {
        ingest.store.byDefault(Fault.late(ingest.loop, Duration.ofSeconds(40)));
        Reply reply = ingest.produce(0, "a");
        ingest.pass(31_000);
        assertThat(reply.rejected().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        ingest.pass(30_000);
        assertThat(ingest.metadata.proposals()).isZero();
        assertThat(ingest.withdrawn).containsExactly(ingest.offered.getFirst().ref().id());
    }

    @Test
    void anUnknownOutcomeIsToldAsSuch() {
        Problem problem = new Problem(Reason.OUTCOME_UNKNOWN, "The log is away.");
        ingest.metadata.next(FaultyMetadata.Fault.losingTheResult(problem));
        Reply reply = ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(reply.rejected()).isEqualTo(problem);
    }

    @Test
    void aRetryOfAnIdempotentBatchGetsItsFirstOffsetAndTime() {
        long id = ingest.producerId();
        ingest.produce(0, "x");
        Reply first = ingest.produce(1, "t", 0, Batches.idempotent(id, 0, "a", "b"));
        ingest.pass(100);
        Reply again = ingest.produce(1, "t", 0, Batches.idempotent(id, 0, "a", "b"));
        ingest.pass(100);
        assertThat(again.acknowledged().duplicate()).isTrue();
        assertThat(again.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(again.acknowledged().appendTimeMs())
                .isEqualTo(first.acknowledged().appendTimeMs());
        assertThat(ingest.values("t", 0)).containsExactly("x", "a", "b");
    }

    @Test
    void aGapInTheSequencesIsRefused() {
        long id = ingest.producerId();
        ingest.produce(1, "t", 0, Batches.idempotent(id, 0, "a"));
        ingest.pass(100);
        Reply gap = ingest.produce(1, "t", 0, Batches.idempotent(id, 5, "b"));
        ingest.pass(100);
        assertThat(gap.rejected().reason()).isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE);
        assertThat(ingest.values("t", 0)).containsExactly("a");
    }

    @Test
    void aTopicDeletedOnTheWayIsARefusal() {
        Reply reply = ingest.produce(0, "a");
        ingest.pass(3);
        ingest.delete("t");
        ingest.pass(100);
        assertThat(reply.rejected().reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
    }

    @Test
    void aBatchForATopicThatWasCreatedAgainMayBeSentAgain() {
        Reply reply = ingest.produce(0, "a");
        ingest.pass(3);
        ingest.delete("t");
        ingest.create("t", 1, Map.of());
        ingest.pass(100);
        assertThat(reply.rejected().reason()).isEqualTo(Reason.METADATA_UNAVAILABLE);
        assertThat(reply.rejected().message()).contains("created again");

        Reply again = ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(again.acknowledged().baseOffset()).isZero();
    }

    @Test
    void repliesAreDelayedWithTheMergeBacklog() {
        ingest.backlog = 0.75;
        Reply soon = ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(soon.isPending()).isFalse();

        ingest.backlog = 0.8;
        Reply later = ingest.produce(0, "b");
        ingest.pass(900);
        assertThat(later.isPending()).isTrue();
        ingest.pass(200);
        assertThat(later.acknowledged().baseOffset()).isEqualTo(1);
        assertThat(ingest.meters.get("millrace.ingest.backlog").gauge().value()).isEqualTo(0.8);

        ingest.backlog = 0.99;
        Reply late = ingest.produce(0, "c");
        ingest.pass(4_500);
        assertThat(late.isPending()).isTrue();
        ingest.pass(500);
        assertThat(late.acknowledged().baseOffset()).isEqualTo(2);
    }

    @Test
    void requestsAreRejectedAtTheBacklogLimit() {
        ingest.backlog = 1;
        Reply rejected = ingest.produce(0, "a");
        assertThat(rejected.rejected().reason()).isEqualTo(Reason.OVERLOADED);
        assertThat(rejected.rejected().message()).contains("compaction");
        ingest.pass(10_000);
        assertThat(ingest.store.calls()).isZero();
        assertThat(ingest.meters.get("millrace.ingest.backlog").gauge().value()).isEqualTo(1);

        ingest.backlog = 0.5;
        Reply taken = ingest.produce(0, "a");
        ingest.pass(100);
        assertThat(taken.acknowledged().baseOffset()).isZero();
    }

    @Test
    void aBlockThatWaitsForMergesIsAnsweredWhenTheDrainEnds() {
        ingest.backlog = 0.99;
        Reply held = ingest.produce(0, "a");
        ingest.pass(100);
        List<CompletableFuture<Void>> drained = new ArrayList<>();
        ingest.loop.call(() -> drained.add(ingest.node.drain(Duration.ofSeconds(1))));
        ingest.pass(1_000);
        assertThat(held.rejected().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        ingest.pass(10_000);
        assertThat(ingest.metadata.proposals()).isZero();
    }

    @Test
    void drainingAnswersWhatWasAcceptedAndRefusesTheRest() {
        Reply accepted = ingest.produce(0, "a");
        List<CompletableFuture<Void>> drained = new ArrayList<>();
        ingest.loop.call(() -> drained.add(ingest.node.drain(Duration.ofSeconds(5))));
        Reply late = ingest.produce(0, "b");
        assertThat(late.rejected().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(drained.getFirst()).isNotDone();
        ingest.pass(100);
        assertThat(accepted.acknowledged().baseOffset()).isZero();
        assertThat(drained.getFirst()).isCompleted();
    }

    @Test
    void drainDeadlineAnswersAllRequests() {
        ingest.store.byDefault(Fault.late(ingest.loop, Duration.ofSeconds(20)));
        Reply accepted = ingest.produce(0, "a");
        List<CompletableFuture<Void>> drained = new ArrayList<>();
        ingest.loop.call(() -> drained.add(ingest.node.drain(Duration.ofSeconds(5))));
        ingest.pass(5_000);
        assertThat(accepted.rejected().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(drained.getFirst()).isCompleted();
        ingest.pass(60_000);
        assertThat(ingest.metadata.proposals()).isZero();
    }

    @Test
    void producerIdsComeInRangesAndNoTwoAreEqual() {
        List<CompletableFuture<ProducerIdRange>> leases = new ArrayList<>();
        ingest.loop.call(() -> {
            for (int i = 0; i < 1_500; i++) {
                leases.add(ingest.node.allocateProducerId());
            }
        });
        ingest.pass(100);
        assertThat(leases).extracting(l -> l.join().producerId()).doesNotHaveDuplicates();
        assertThat(ingest.metadata.proposals()).isEqualTo(2);
    }

    @Test
    void afterARestoreNoProducerIdOfTheLostTimeIsAllocatedAgain() {
        long lost = ingest.producerId();
        IngestFixture restored = new IngestFixture();
        restored.raiseGeneration();

        assertThat(restored.producerId()).isGreaterThan(lost + 1_000_000);
    }

    private void assertRejected(ByteString batch, Reason reason) {
        Reply reply = ingest.produce(1, "t", 0, batch);
        ingest.pass(100);
        assertThat(reply.rejected().reason()).isEqualTo(reason);
        assertThat(reply.rejected().message()).startsWith("t-0: ");
    }

    private void assertNothingWasStored() {
        assertThat(ingest.store.calls()).isZero();
        assertThat(ingest.metadata.proposals()).isZero();
    }

    private byte[] stored(String topic) {
        return ingest.bytes(ingest.extents(topic, 0).getFirst());
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
