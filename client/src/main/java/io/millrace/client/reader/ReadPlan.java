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
 * What a reader asks for next, and what an answer means for its cursors. Decides only: it calls
 * nobody, and knows no time. Owner: the I/O thread, as that of the cursors.
 */
final class ReadPlan {

    /** A cursor as it was when something was asked for it. */
    record Asked(ReadCursor cursor, int epoch, long offset) {
        private static Asked of(ReadCursor cursor) {
            return new Asked(cursor, cursor.followedEpoch(), cursor.nextOffset());
        }

        /** Whether a seek was made since: then its answer is of no use. */
        boolean isOutdated() {
            return cursor.isOutdated(epoch);
        }
    }

    /** Something to ask, and for which cursors, in the order of the answers. */
    record Question<Q extends MessageLite>(Q request, List<Asked> asked) {}

    /**
     * What an answer brought.
     *
     * @param items for the reader's caller
     * @param pause whether a partition has a trouble that a little patience may end
     * @param unserved whether that is one of the node, so that another may do better
     */
    record Outcome(List<FetchBuffer.Item> items, boolean pause, boolean unserved) {}

    private final ReaderSettings settings;
    private final List<ReadCursor> cursors;

    ReadPlan(ReaderSettings settings, List<ReadCursor> cursors) {
        this.settings = settings;
        this.cursors = new ArrayList<>(cursors);
    }

    /** Whether it is about these and no others, in whatever order. */
    boolean hasExactly(List<ReadCursor> others) {
        return others.size() == cursors.size() && Set.copyOf(cursors).containsAll(others);
    }

    /** Whether there is nothing to ask: the caller has to seek first. */
    boolean isStopped() {
        return cursors.stream().allMatch(ReadCursor::isStopped);
    }

    /** Where to begin, for all cursors that do not know it; without cursors if there are none. */
    Question<ListOffsetsRequest> offsets() {
        ListOffsetsRequest.Builder request = ListOffsetsRequest.newBuilder();
        List<Asked> asked = new ArrayList<>();
        for (ReadCursor cursor : cursors) {
            StartPosition start = cursor.start();
            if (start != null && !cursor.isStopped()) {
                request.addQueries(query(cursor.partition, start));
                asked.add(Asked.of(cursor));
            }
        }
        return new Question<>(request.build(), asked);
    }

    /** The next batches of all cursors that know where they are. */
    Question<FetchRequest> batches() {
        FetchRequest.Builder request =
                FetchRequest.newBuilder()
                        .setMaxWaitMs((int) settings.maxWait().toMillis())
                        .setMinBytes(settings.minBytes())
                        .setMaxBytes(settings.fetchBytes());
        List<Asked> asked = new ArrayList<>(cursors.size());
        for (ReadCursor cursor : cursors) {
            if (cursor.start() == null && !cursor.isStopped()) {
                request.addPartitions(
                        FetchPartition.newBuilder()
                                .setTopic(cursor.partition.topic())
                                .setPartition(cursor.partition.partition())
                                .setOffset(cursor.nextOffset()));
                asked.add(Asked.of(cursor));
            }
        }
        // The order is that of preference: another is first the next time.
        Collections.rotate(cursors, -1);
        return new Question<>(request.build(), asked);
    }

    Outcome found(List<Asked> asked, ListOffsetsResponse response) {
        Outcome outcome =
                new Outcome(new ArrayList<>(), response.getAnswersCount() < asked.size(), false);
        for (int i = 0; i < asked.size() && i < response.getAnswersCount(); i++) {
            OffsetAnswer answer = response.getAnswers(i);
            if (asked.get(i).isOutdated()) {
                continue;
            }
            if (answer.hasError()) {
                outcome = failed(outcome, asked.get(i), CallFailures.problemOf(answer.getError()));
            } else {
                asked.get(i).cursor().advanceTo(answer.getOffset());
            }
        }
        return outcome;
    }

    Outcome fetched(List<Asked> asked, FetchResponse response) {
        Outcome outcome =
                new Outcome(new ArrayList<>(), response.getPartitionsCount() < asked.size(), false);
        for (int i = 0; i < asked.size() && i < response.getPartitionsCount(); i++) {
            FetchedPartition part = response.getPartitions(i);
            if (asked.get(i).isOutdated()) {
                continue;
            }
            if (part.hasError()) {
                outcome = failed(outcome, asked.get(i), CallFailures.problemOf(part.getError()));
            } else if (!part.getBatches().isEmpty()) {
                outcome.items().add(taken(asked.get(i), part));
            }
        }
        return outcome;
    }

    private static FetchBuffer.Item taken(Asked asked, FetchedPartition part) {
        ByteBuffer bytes = FetchedBytes.of(part.getBatches());
        OptionalLong end = FetchedBytes.endOffset(bytes);
        if (end.isEmpty()) {
            asked.cursor().stop();
            return new FetchBuffer.Item.Failure(
                    new MillraceException.Corrupt(
                            "The server sent something that is no batch for offset %d of %s."
                                    .formatted(asked.offset(), asked.cursor().partition)));
        }
        asked.cursor().advanceTo(end.getAsLong());
        return new FetchBuffer.Item.Batches(
                asked.cursor(), asked.epoch(), bytes, asked.offset(), part.getHighWatermark());
    }

    private static Outcome failed(Outcome before, Asked asked, Problem problem) {
        if (problem.retriable()) {
            boolean unserved = before.unserved() || UnaryCalls.isOfTheNode(problem);
            return new Outcome(before.items(), true, unserved);
        }
        asked.cursor().stop();
        MillraceException failure =
                CallFailures.ofPartition(asked.cursor().partition, asked.offset(), problem);
        before.items().add(new FetchBuffer.Item.Failure(failure));
        return before;
    }

    static OffsetQuery query(TopicPartition partition, StartPosition start) {
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
