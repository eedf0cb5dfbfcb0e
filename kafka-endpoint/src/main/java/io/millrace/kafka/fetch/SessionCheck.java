package io.millrace.kafka.fetch;

import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * The checks of the active partitions of a session for one request, repeated while the request
 * waits. Owned by the fetch node's event loop.
 */
final class SessionCheck {

    private final RequestContext context;
    private final PartitionWatch watch;
    private final FetchAnswers answers;
    private final NamedLeaders leaders;
    private final PartitionCheck partitions;
    private final long minBytes;

    /**
     * @param minBytes the bytes of records that end the wait
     */
    SessionCheck(
            RequestContext context,
            PartitionWatch watch,
            FetchAnswers answers,
            NamedLeaders leaders,
            PartitionCheck partitions,
            long minBytes) {
        this.context = context;
        this.watch = watch;
        this.answers = answers;
        this.leaders = leaders;
        this.partitions = partitions;
        this.minBytes = minBytes;
    }

    /**
     * The result of a check.
     *
     * @param answer the answer if the request is answered now
     * @param isDenied whether a partition has a negative answer that requires a barrier
     * @param hasEnough whether the minimum of bytes exists
     */
    record Checked(AnswerBuilder answer, boolean isDenied, boolean hasEnough) {}

    /**
     * Checks the active partitions, and watches those that have nothing to answer.
     *
     * @param noBarrier the error that replaces negative answers; NONE to keep them
     */
    Checked check(FetchSession session, Errors noBarrier) {
        AnswerBuilder answer = new AnswerBuilder(session, answers, context);
        List<SessionPartition> idle = new ArrayList<>();
        boolean denied = false;
        long needed = minBytes;
        boolean elsewhere = leaders.areElsewhere();
        if (elsewhere) {
            session.activateAll();
        }
        for (SessionPartition partition : session.active()) {
            switch (partitions.check(partition, elsewhere)) {
                case PartitionState.Idle(Topic topic) -> {
                    idle.add(partition);
                    watch.add(partition, topic.id());
                }
                case PartitionState.News(Topic topic, PartitionLog log) ->
                        answer.addNews(partition, topic, log);
                case PartitionState.Readable(Topic topic, PartitionLog log) -> {
                    answer.addReadable(partition, topic, log);
                    needed -= needed <= 1 ? needed : bytes(partition, log, needed);
                }
                case PartitionState.Answered(var answered) -> answer.addFinal(partition, answered);
                case PartitionState.Denied(var answered) -> {
                    denied = true;
                    answer.addFinal(
                            partition,
                            noBarrier == Errors.NONE
                                    ? answered
                                    : answers.failed(partition, noBarrier));
                }
            }
        }
        session.deactivate(idle);
        return new Checked(answer, denied, needed <= 0);
    }

    private static long bytes(SessionPartition partition, PartitionLog log, long needed) {
        if (log.offloadedRangeAt(partition.offset()).isPresent()) {
            return needed;
        }
        long bytes = 0;
        for (Extent extent : log.extents(partition.offset(), needed)) {
            bytes += extent.length();
        }
        return bytes;
    }
}
