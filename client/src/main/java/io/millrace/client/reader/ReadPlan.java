package io.millrace.client.reader;

import com.google.protobuf.MessageLite;
import io.millrace.client.connection.CallFailures;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.FetchedBytes;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.Earliest;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.FetchResponse;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.Latest;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.protocol.v1.ListOffsetsResponse;
import io.millrace.protocol.v1.OffsetAnswer;
import io.millrace.protocol.v1.OffsetQuery;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The next requests of a reader, and the effects of responses on its cursors. A pure decision core.
 * Owner: the I/O thread.
 */
final class ReadPlan {

    record CursorSnapshot(ReadCursor cursor, int epoch, long offset) {
        private static CursorSnapshot of(ReadCursor cursor) {
            return new CursorSnapshot(cursor, cursor.appliedEpoch(), cursor.nextOffset());
        }

        boolean isOutdated() {
            return cursor.isOutdated(epoch);
        }
    }

    /** A request and its cursors, in the order of the response's entries. */
    record PlannedRequest<Q extends MessageLite>(Q request, List<CursorSnapshot> asked) {}

    /**
     * The effect of a response.
     *
     * @param pause true if a retriable problem delays the next request
     * @param unserved true if a different node may succeed
     */
    record ResponseEffect(List<FetchBuffer.Item> items, boolean pause, boolean unserved) {}

    private final ReaderSettings settings;
    private final List<ReadCursor> cursors;

    ReadPlan(ReaderSettings settings, List<ReadCursor> cursors) {
        this.settings = settings;
        this.cursors = new ArrayList<>(cursors);
    }

    boolean hasExactly(List<ReadCursor> others) {
        return others.size() == cursors.size() && Set.copyOf(cursors).containsAll(others);
    }

    boolean isStopped() {
        return cursors.stream().allMatch(ReadCursor::isStopped);
    }

    PlannedRequest<ListOffsetsRequest> offsetRequest() {
        ListOffsetsRequest.Builder request = ListOffsetsRequest.newBuilder();
        List<CursorSnapshot> asked = new ArrayList<>();
        for (ReadCursor cursor : cursors) {
            StartPosition start = cursor.start();
            if (start != null && !cursor.isStopped()) {
                request.addQueries(offsetQuery(cursor.partition, start));
                asked.add(CursorSnapshot.of(cursor));
            }
        }
        return new PlannedRequest<>(request.build(), asked);
    }

    PlannedRequest<FetchRequest> fetchRequest() {
        FetchRequest.Builder request =
                FetchRequest.newBuilder()
                        .setMaxWaitMs((int) settings.maxWait().toMillis())
                        .setMinBytes(settings.minBytes())
                        .setMaxBytes(settings.fetchBytes())
                        .setFromBucket(settings.source() == ReaderSettings.Source.BUCKET);
        List<CursorSnapshot> asked = new ArrayList<>(cursors.size());
        for (ReadCursor cursor : cursors) {
            if (cursor.start() == null && !cursor.isStopped()) {
                request.addPartitions(
                        FetchPartition.newBuilder()
                                .setTopic(cursor.partition.topic())
                                .setPartition(cursor.partition.partition())
                                .setOffset(cursor.nextOffset())
                                .setTopicId(cursor.topicId()));
                asked.add(CursorSnapshot.of(cursor));
            }
        }
        // The order is the server's priority: rotate for fairness.
        Collections.rotate(cursors, -1);
        return new PlannedRequest<>(request.build(), asked);
    }

    ResponseEffect offsetsReceived(List<CursorSnapshot> asked, ListOffsetsResponse response) {
        ResponseEffect outcome =
                new ResponseEffect(
                        new ArrayList<>(), response.getAnswersCount() < asked.size(), false);
        for (int i = 0; i < asked.size() && i < response.getAnswersCount(); i++) {
            OffsetAnswer answer = response.getAnswers(i);
            if (asked.get(i).isOutdated()) {
                continue;
            }
            if (answer.hasError()) {
                outcome = failed(outcome, asked.get(i), CallFailures.problemOf(answer.getError()));
            } else {
                asked.get(i).cursor().succeeded();
                asked.get(i).cursor().startAt(answer.getOffset());
            }
        }
        return outcome;
    }

    ResponseEffect batchesReceived(List<CursorSnapshot> asked, FetchResponse response) {
        ResponseEffect outcome =
                new ResponseEffect(
                        new ArrayList<>(), response.getPartitionsCount() < asked.size(), false);
        for (int i = 0; i < asked.size() && i < response.getPartitionsCount(); i++) {
            FetchedPartition part = response.getPartitions(i);
            if (asked.get(i).isOutdated()) {
                continue;
            }
            if (part.hasError()) {
                outcome = failed(outcome, asked.get(i), CallFailures.problemOf(part.getError()));
                continue;
            }
            asked.get(i).cursor().succeeded(part.getTopicId());
            if (!part.getBatches().isEmpty()) {
                outcome.items().add(toItem(asked.get(i), part));
            }
        }
        return outcome;
    }

    private static FetchBuffer.Item toItem(CursorSnapshot asked, FetchedPartition part) {
        ByteBuffer bytes = FetchedBytes.of(part.getBatches());
        OptionalLong end = FetchedBytes.endOffset(bytes);
        if (end.isEmpty()) {
            asked.cursor().stop();
            return new FetchBuffer.Item.Failure(
                    new MillraceException.Corrupt(
                            "The server sent invalid batches for offset %d of %s."
                                    .formatted(asked.offset(), asked.cursor().partition)));
        }
        asked.cursor().advanceTo(end.getAsLong());
        return new FetchBuffer.Item.Batches(
                asked.cursor(), asked.epoch(), bytes, asked.offset(), part.getHighWatermark());
    }

    private static ResponseEffect failed(
            ResponseEffect before, CursorSnapshot asked, Problem problem) {
        MillraceException failure =
                CallFailures.ofPartition(asked.cursor().partition, asked.offset(), problem);
        if (problem.retriable() || isRemovedStart(failure, asked)) {
            asked.cursor().failed(failure);
            boolean unserved = before.unserved() || UnaryCalls.isNodeProblem(problem);
            return new ResponseEffect(before.items(), true, unserved);
        }
        asked.cursor().stop();
        before.items().add(new FetchBuffer.Item.Failure(failure));
        return before;
    }

    private static boolean isRemovedStart(MillraceException failure, CursorSnapshot asked) {
        return failure instanceof MillraceException.OffsetOutOfRange range
                && asked.offset() < range.logStartOffset()
                && asked.cursor().lookUpAgain();
    }

    static OffsetQuery offsetQuery(TopicPartition partition, StartPosition start) {
        OffsetQuery.Builder query =
                OffsetQuery.newBuilder()
                        .setTopic(partition.topic())
                        .setPartition(partition.partition());
        switch (start) {
            case StartPosition.Beginning() -> query.setEarliest(Earliest.getDefaultInstance());
            case StartPosition.End() -> query.setLatest(Latest.getDefaultInstance());
            case StartPosition.Timestamp(long ms) -> query.setTimestampMs(ms);
            case StartPosition.Offset(long offset) ->
                    throw new IllegalArgumentException("Known already: " + offset);
        }
        return query.build();
    }
}
