package io.millrace.client.reader;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.BatchWriter;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.protocol.v1.ListOffsetsResponse;
import io.millrace.protocol.v1.OffsetAnswer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadPlanTest {

    private final ReadCursor first =
            new ReadCursor(new TopicPartition("t", 0), StartPosition.offset(5));
    private final ReadCursor second =
            new ReadCursor(new TopicPartition("t", 1), StartPosition.end());
    private final ReadPlan plan = new ReadPlan(ReaderSettings.defaults(), List.of(first, second));

    private static ByteString batch(int records) {
        BatchWriter writer = new BatchWriter(256);
        for (int i = 0; i < records; i++) {
            writer.append(null, new byte[] {1}, List.of(), 1);
        }
        writer.seal(CompressionCodec.NONE);
        return writer.toByteString();
    }

    private static FetchResponse answer(FetchedPartition... parts) {
        return FetchResponse.newBuilder().addAllPartitions(List.of(parts)).build();
    }

    private static FetchedPartition with(ByteString bytes) {
        return FetchedPartition.newBuilder().setBatches(bytes).build();
    }

    private static FetchedPartition with(Reason reason, Map<String, String> details) {
        Problem problem = new Problem(reason, "On purpose.", details);
        return FetchedPartition.newBuilder().setError(problem.toStatus()).build();
    }

    private static ListOffsetsResponse offset(long offset) {
        return ListOffsetsResponse.newBuilder()
                .addAnswers(OffsetAnswer.newBuilder().setOffset(offset))
                .build();
    }

    private void seek(ReadCursor cursor, StartPosition start) {
        cursor.applySeek(start, cursor.raiseEpoch());
    }

    @Test
    void onlyWhatIsNotKnownIsLookedUp() {
        ReadPlan.PlannedRequest<ListOffsetsRequest> question = plan.offsetRequest();
        assertThat(question.asked())
                .extracting(ReadPlan.CursorSnapshot::cursor)
                .containsExactly(second);
        plan.offsetsReceived(question.asked(), offset(9));
        assertThat(plan.offsetRequest().asked()).isEmpty();
        assertThat(plan.fetchRequest().request().getPartitionsList())
                .extracting(FetchPartition::getOffset)
                .containsExactly(5L, 9L);
    }

    @Test
    void aReaderContinuesOnlyInTheTopicThatItHasRead() {
        second.stop();
        plan.batchesReceived(
                plan.fetchRequest().asked(),
                answer(FetchedPartition.newBuilder().setTopicId(7).build()));

        assertThat(plan.fetchRequest().request().getPartitions(0).getTopicId()).isEqualTo(7);
        seek(first, StartPosition.offset(0));
        assertThat(plan.fetchRequest().request().getPartitions(0).getTopicId()).isZero();
    }

    @Test
    void aBeginningThatRetentionRemovesBeforeTheFirstFetchIsLookedUpAgain() {
        seek(second, StartPosition.beginning());
        plan.offsetsReceived(plan.offsetRequest().asked(), offset(9));
        first.stop();
        ReadPlan.ResponseEffect outcome =
                plan.batchesReceived(plan.fetchRequest().asked(), answer(startsAt(12)));

        assertThat(outcome.items()).isEmpty();
        assertThat(outcome.pause()).isTrue();
        plan.offsetsReceived(plan.offsetRequest().asked(), offset(12));
        assertThat(second.nextOffset()).isEqualTo(12);
    }

    @Test
    void recordsThatRetentionRemovesAfterTheFirstFetchAreReported() {
        seek(second, StartPosition.beginning());
        plan.offsetsReceived(plan.offsetRequest().asked(), offset(0));
        first.stop();
        plan.batchesReceived(plan.fetchRequest().asked(), answer(with(batch(3))));
        ReadPlan.ResponseEffect outcome =
                plan.batchesReceived(plan.fetchRequest().asked(), answer(startsAt(12)));

        assertThat(outcome.items()).hasSize(1);
        assertThat(second.isStopped()).isTrue();
    }

    @Test
    void theEndIsNeverLookedUpAgain() {
        plan.offsetsReceived(plan.offsetRequest().asked(), offset(9));
        first.stop();
        plan.batchesReceived(plan.fetchRequest().asked(), answer(startsAt(12)));

        assertThat(second.isStopped()).isTrue();
    }

    private static FetchedPartition startsAt(long logStart) {
        return with(
                Reason.OFFSET_OUT_OF_RANGE,
                Map.of("log_start_offset", "" + logStart, "high_watermark", "20"));
    }

    @Test
    void anotherPartitionIsFirstEachTime() {
        seek(second, StartPosition.offset(0));
        assertThat(plan.fetchRequest().asked().getFirst().cursor()).isSameAs(first);
        assertThat(plan.fetchRequest().asked().getFirst().cursor()).isSameAs(second);
        assertThat(plan.fetchRequest().asked().getFirst().cursor()).isSameAs(first);
    }

    @Test
    void aCursorGoesOnBehindWhatWasFetched() {
        ReadPlan.PlannedRequest<FetchRequest> question = plan.fetchRequest();
        ReadPlan.ResponseEffect outcome =
                plan.batchesReceived(question.asked(), answer(with(batch(3))));
        assertThat(outcome.items()).hasSize(1);
        assertThat(outcome.pause()).isFalse();
        // The batch header says base offset 0, which the reader accepts.
        assertThat(first.nextOffset()).isEqualTo(3);
    }

    @Test
    void whatWasFetchedBeforeASeekIsOutdated() {
        ReadPlan.PlannedRequest<FetchRequest> question = plan.fetchRequest();
        seek(first, StartPosition.offset(50));
        assertThat(plan.batchesReceived(question.asked(), answer(with(batch(3)))).items())
                .isEmpty();
        assertThat(first.nextOffset()).isEqualTo(50);
    }

    @Test
    void whatIsAskedWhileASeekIsNotFollowedYetIsOutdatedToo() {
        int epoch = first.raiseEpoch();
        ReadPlan.PlannedRequest<FetchRequest> question = plan.fetchRequest();
        first.applySeek(StartPosition.offset(50), epoch);
        assertThat(plan.batchesReceived(question.asked(), answer(with(batch(3)))).items())
                .isEmpty();
        assertThat(first.nextOffset()).isEqualTo(50);
    }

    @Test
    void anOffsetThatIsLookedUpWhileASeekIsNotFollowedYetIsOutdatedToo() {
        int epoch = second.raiseEpoch();
        ReadPlan.PlannedRequest<ListOffsetsRequest> question = plan.offsetRequest();
        second.applySeek(StartPosition.beginning(), epoch);
        plan.offsetsReceived(question.asked(), offset(9));
        assertThat(second.start()).isEqualTo(StartPosition.beginning());
    }

    @Test
    void aRetriableProblemCausesAPause() {
        ReadPlan.PlannedRequest<FetchRequest> question = plan.fetchRequest();
        ReadPlan.ResponseEffect outcome =
                plan.batchesReceived(
                        question.asked(), answer(with(Reason.STORAGE_UNAVAILABLE, Map.of())));
        assertThat(outcome.pause()).isTrue();
        assertThat(outcome.items()).isEmpty();
        assertThat(first.isStopped()).isFalse();
    }

    @Test
    void aPermanentProblemStopsThePartitionUntilASeek() {
        seek(second, StartPosition.offset(0));
        ReadPlan.PlannedRequest<FetchRequest> question = plan.fetchRequest();
        Map<String, String> range = Map.of("log_start_offset", "7", "high_watermark", "8");
        ReadPlan.ResponseEffect outcome =
                plan.batchesReceived(
                        question.asked(),
                        answer(with(Reason.OFFSET_OUT_OF_RANGE, range), with(ByteString.EMPTY)));
        assertThat(outcome.items())
                .singleElement()
                .isInstanceOfSatisfying(
                        FetchBuffer.Item.Failure.class,
                        item ->
                                assertThat(item.failure())
                                        .isInstanceOf(MillraceException.OffsetOutOfRange.class)
                                        .hasMessageContaining("7"));
        assertThat(plan.fetchRequest().asked())
                .extracting(ReadPlan.CursorSnapshot::cursor)
                .containsExactly(second);
        seek(first, StartPosition.offset(7));
        assertThat(plan.fetchRequest().asked()).hasSize(2);
    }

    @Test
    void invalidBatchesStopThePartition() {
        ReadPlan.PlannedRequest<FetchRequest> question = plan.fetchRequest();
        ReadPlan.ResponseEffect outcome =
                plan.batchesReceived(question.asked(), answer(with(batch(3).substring(0, 62))));
        assertThat(outcome.items()).singleElement().isInstanceOf(FetchBuffer.Item.Failure.class);
        assertThat(first.isStopped()).isTrue();
    }

    @Test
    void anAnswerThatLeavesPartitionsOutIsNotAskedForAgainAtOnce() {
        ReadPlan.PlannedRequest<FetchRequest> question = plan.fetchRequest();
        assertThat(plan.batchesReceived(question.asked(), answer()).pause()).isTrue();
    }

    @Test
    void outagesAreReportedWhenLongOrPermanent() {
        ReadOutage outage = new ReadOutage(Duration.ofSeconds(1));
        MillraceException away = new MillraceException.Unreachable("away", null);
        MillraceException rejected =
                new MillraceException.Rejected(new Problem(Reason.MALFORMED_REQUEST, "No."));
        assertThat(outage.failed(away, 0)).isFalse();
        assertThat(outage.failed(away, 999_999_999)).isFalse();
        assertThat(outage.failed(away, 1_000_000_000)).isTrue();
        outage.succeeded();
        assertThat(outage.failed(away, 2_000_000_000)).isFalse();
        assertThat(outage.failed(rejected, 2_000_000_000)).isTrue();
        assertThat(outage.consecutiveFailures()).isEqualTo(2);
    }
}
