package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.object.ObjectStoreException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One partition's part of a {@link FetchReply}: what was asked, what the metadata said when the
 * reply was begun, and what was read. Owned by the fetch node's loop.
 */
final class PartitionReply {

    /** A partition's log as the plan sees it. */
    private record LogTail(FetchQuery.PartitionQuery query, PartitionLog log)
            implements FetchPlan.Tail {
        @Override
        public List<Extent> upTo(long maxBytes) {
            return log.extents(query.offset(), maxBytes);
        }

        @Override
        public int maxBytes() {
            return query.maxBytes();
        }
    }

    final FetchQuery.PartitionQuery query;
    final long topicId;
    final long highWatermark;
    private final long logStartOffset;

    /** Why there is nothing to be read, if so. */
    @Nullable Problem problem;

    /** What is being read, or was; the last of them if there were several. */
    @Nullable PartitionRead read;

    FetchPlan.Share share = FetchPlan.Share.NOTHING;

    /** Whether the reader most likely reads in order. */
    boolean sequential;

    PartitionReply(FetchQuery.PartitionQuery query, PartitionLookup lookup) {
        this.query = query;
        switch (lookup) {
            case PartitionLookup.Known(long id, PartitionLog log) -> {
                topicId = id;
                highWatermark = log.highWatermark();
                logStartOffset = log.logStartOffset();
            }
            case PartitionLookup.Denied(Problem why) -> {
                topicId = PartitionLookup.ANY_TOPIC;
                highWatermark = -1;
                logStartOffset = -1;
                problem = why;
            }
        }
    }

    /** Whether the reader begins where the log does: mostly to read all of it. */
    boolean beginsWithTheLog() {
        return query.offset() == logStartOffset;
    }

    /** What is wanted of the partition's log as it is now. */
    FetchPlan.Tail tail(PartitionLog log) {
        return new LogTail(query, log);
    }

    /** Whether nothing could be read because an object is gone. */
    boolean isMissing() {
        return read != null
                && read.batchCount() == 0
                && read.failure() instanceof ObjectStoreException.Missing;
    }

    /**
     * Whether there is another batch that the partition's own limit allows; its first one always
     * may be sent.
     */
    boolean mayHaveNextBatch() {
        return read != null
                && read.failure() == null
                && read.nextBytes() > 0
                && (read.batchCount() == 0
                        || read.nextBytes() <= query.maxBytes() - read.sizeBytes());
    }

    /** The partition's result; counts it, and prepares for the reader's next fetch. */
    PartitionResult result(ReadPath path) {
        Problem failed = failure();
        if (failed != null) {
            path.metrics().rejected(failed.reason());
            return new PartitionResult.Failed(query.topic(), query.partition(), failed);
        }
        BatchRun batches = BatchRun.NONE;
        if (read != null && read.batchCount() > 0) {
            batches = read.batches();
            path.metrics().served(read.sizeBytes(), read.batchCount(), read.recordCount());
            prepareForNext(path, read);
        }
        return new PartitionResult.Fetched(
                query.topic(), query.partition(), highWatermark, logStartOffset, batches);
    }

    /** Where the reader will go on is remembered, and what it finds there loaded. */
    private void prepareForNext(ReadPath path, PartitionRead read) {
        ContiguousRun last = read.lastStretch();
        boolean cold = !path.reader().isHot(last.object());
        boolean within = read.stretch() != null && read.position() > last.position();
        if (!cold && !within) {
            return;
        }
        int partition = query.partition();
        path.continuations()
                .remember(
                        topicId, partition, read.endOffset(), last.object().id(), read.position());
        if (cold && sequential) {
            Optional<Long> position = within ? Optional.of(read.position()) : Optional.empty();
            path.readAhead().after(topicId, partition, read.endOffset(), position);
        }
    }

    private @Nullable Problem failure() {
        if (problem != null || read == null || read.batchCount() > 0) {
            return problem;
        }
        Throwable failure = read.failure();
        return failure == null
                ? null
                : ReadProblems.of(
                        query.topic(),
                        query.partition(),
                        query.offset(),
                        read.lastStretch().object().id(),
                        failure);
    }
}
