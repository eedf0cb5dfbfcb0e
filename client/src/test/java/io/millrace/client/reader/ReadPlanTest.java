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
        cursor.follow(start, cursor.raiseEpoch());
    }

    @Test
    void onlyWhatIsNotKnownIsLookedUp() {
        ReadPlan.Question<ListOffsetsRequest> question = plan.offsets();
        assertThat(question.asked()).extracting(ReadPlan.Asked::cursor).containsExactly(second);
        plan.found(question.asked(), offset(9));
        assertThat(plan.offsets().asked()).isEmpty();
        assertThat(plan.batches().request().getPartitionsList())
                .extracting(FetchPartition::getOffset)
                .containsExactly(5L, 9L);
    }

    @Test
    void anotherPartitionIsFirstEachTime() {
        seek(second, StartPosition.offset(0));
        assertThat(plan.batches().asked().getFirst().cursor()).isSameAs(first);
        assertThat(plan.batches().asked().getFirst().cursor()).isSameAs(second);
        assertThat(plan.batches().asked().getFirst().cursor()).isSameAs(first);
    }

    @Test
    void aCursorGoesOnBehindWhatWasFetched() {
        ReadPlan.Question<FetchRequest> question = plan.batches();
        ReadPlan.Outcome outcome = plan.fetched(question.asked(), answer(with(batch(3))));
        assertThat(outcome.items()).hasSize(1);
        assertThat(outcome.pause()).isFalse();
        // The batch header says base offset 0, which the reader accepts.
        assertThat(first.nextOffset()).isEqualTo(3);
    }

    @Test
    void whatWasFetchedBeforeASeekIsOutdated() {
        ReadPlan.Question<FetchRequest> question = plan.batches();
        seek(first, StartPosition.offset(50));
        assertThat(plan.fetched(question.asked(), answer(with(batch(3)))).items()).isEmpty();
        assertThat(first.nextOffset()).isEqualTo(50);
    }

    @Test
    void whatIsAskedWhileASeekIsNotFollowedYetIsOutdatedToo() {
        int epoch = first.raiseEpoch();
        ReadPlan.Question<FetchRequest> question = plan.batches();
        first.follow(StartPosition.offset(50), epoch);
        assertThat(plan.fetched(question.asked(), answer(with(batch(3)))).items()).isEmpty();
        assertThat(first.nextOffset()).isEqualTo(50);
    }

    @Test
    void anOffsetThatIsLookedUpWhileASeekIsNotFollowedYetIsOutdatedToo() {
        int epoch = second.raiseEpoch();
        ReadPlan.Question<ListOffsetsRequest> question = plan.offsets();
        second.follow(StartPosition.beginning(), epoch);
        plan.found(question.asked(), offset(9));
        assertThat(second.start()).isEqualTo(StartPosition.beginning());
    }

    @Test
    void aTroubleThatPassesIsWorthAPause() {
        ReadPlan.Question<FetchRequest> question = plan.batches();
        ReadPlan.Outcome outcome =
                plan.fetched(question.asked(), answer(with(Reason.STORAGE_UNAVAILABLE, Map.of())));
        assertThat(outcome.pause()).isTrue();
        assertThat(outcome.items()).isEmpty();
        assertThat(first.isStopped()).isFalse();
    }

    @Test
    void aTroubleThatStaysStopsThePartitionUntilASeek() {
        seek(second, StartPosition.offset(0));
        ReadPlan.Question<FetchRequest> question = plan.batches();
        Map<String, String> range = Map.of("log_start_offset", "7", "high_watermark", "8");
        ReadPlan.Outcome outcome =
                plan.fetched(
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
        assertThat(plan.batches().asked())
                .extracting(ReadPlan.Asked::cursor)
                .containsExactly(second);
        seek(first, StartPosition.offset(7));
        assertThat(plan.batches().asked()).hasSize(2);
    }

    @Test
    void whatIsNoBatchStopsThePartition() {
        ReadPlan.Question<FetchRequest> question = plan.batches();
        ReadPlan.Outcome outcome =
                plan.fetched(question.asked(), answer(with(batch(3).substring(0, 62))));
        assertThat(outcome.items()).singleElement().isInstanceOf(FetchBuffer.Item.Failure.class);
        assertThat(first.isStopped()).isTrue();
    }

    @Test
    void anAnswerThatLeavesPartitionsOutIsNotAskedForAgainAtOnce() {
        ReadPlan.Question<FetchRequest> question = plan.batches();
        assertThat(plan.fetched(question.asked(), answer()).pause()).isTrue();
    }

    @Test
    void anOutageIsSaidWhenItHasLastedOrIsOfAKindThatStays() {
        ReadOutage outage = new ReadOutage(Duration.ofSeconds(1));
        MillraceException away = new MillraceException.Unreachable("away", null);
        MillraceException rejected =
                new MillraceException.Rejected(new Problem(Reason.MALFORMED_REQUEST, "No."));
        assertThat(outage.failed(away, 0)).isFalse();
        assertThat(outage.failed(away, 999_999_999)).isFalse();
        assertThat(outage.failed(away, 1_000_000_000)).isTrue();
        outage.over();
        assertThat(outage.failed(away, 2_000_000_000)).isFalse();
        assertThat(outage.failed(rejected, 2_000_000_000)).isTrue();
        assertThat(outage.failuresInARow()).isEqualTo(2);
    }
}
