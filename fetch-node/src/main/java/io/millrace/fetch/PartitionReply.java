package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.error.Problem;
import io.millrace.storage.object.ObjectStoreException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One partition's part of a {@link FetchReply}. Owned by the fetch node's event loop. */
final class PartitionReply {

    private record LogTail(FetchQuery.PartitionQuery query, PartitionLog log)
            implements FetchPlan.ReadableTail {
        @Override
        public List<Extent> extents(long maxBytes) {
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

    @Nullable Problem problem;

    /** The latest read. */
    @Nullable PartitionRead read;

    FetchPlan.ReplyShare share = FetchPlan.ReplyShare.NONE;

    boolean sequential;

    PartitionReply(FetchQuery.PartitionQuery query, PartitionLookup lookup) {
        this.query = query;
        switch (lookup) {
            case PartitionLookup.ReadableLog(long id, PartitionLog log) -> {
                topicId = id;
                highWatermark = log.highWatermark();
                logStartOffset = log.logStartOffset();
            }
            case PartitionLookup.NotReadable(Problem why) -> {
                topicId = PartitionLookup.ANY_TOPIC;
                highWatermark = -1;
                logStartOffset = -1;
                problem = why;
            }
        }
    }

    /** Returns whether the query starts at the log start, usually to read the whole log. */
    boolean startsAtLogStart() {
        return query.offset() == logStartOffset;
    }

    FetchPlan.ReadableTail tail(PartitionLog log) {
        return new LogTail(query, log);
    }

    /** Returns whether nothing was read because an object is missing. */
    boolean isMissing() {
        return read != null
                && read.batchCount() == 0
                && read.failure() instanceof ObjectStoreException.Missing;
    }

    /**
     * Returns whether the partition's limit allows a further batch. The first batch is always
     * allowed.
     */
    boolean allowsNextBatch() {
        return read != null
                && read.failure() == null
                && read.nextBatchBytes() > 0
                && (read.batchCount() == 0
                        || read.nextBatchBytes() <= query.maxBytes() - read.sizeBytes());
    }

    /** Returns the result, updates metrics and prepares the reader's next fetch. */
    PartitionResult result(ReadPath path) {
        Problem failed = failure();
        if (failed != null) {
            path.metrics().rejected(failed.reason());
            return new PartitionResult.Failed(query.topic(), query.partition(), failed);
        }
        BatchRun batches = BatchRun.EMPTY;
        if (read != null && read.batchCount() > 0) {
            batches = read.batches();
            path.metrics().served(read.sizeBytes(), read.batchCount(), read.recordCount());
            prepareForNext(path, read);
        }
        return new PartitionResult.Fetched(
                query.topic(), query.partition(), topicId, highWatermark, logStartOffset, batches);
    }

    /** Records the position of the reader and starts to read ahead. */
    private void prepareForNext(ReadPath path, PartitionRead read) {
        ContiguousRun last = read.lastRun();
        boolean cold = !path.reader().isRecentWrite(last.object());
        boolean within = read.currentRun() != null && read.position() > last.position();
        if (!cold && !within) {
            return;
        }
        int partition = query.partition();
        path.readPositions()
                .add(topicId, partition, read.endOffset(), last.object().id(), read.position());
        if (cold && sequential) {
            Optional<Long> position = within ? Optional.of(read.position()) : Optional.empty();
            path.readAhead().readFrom(topicId, partition, read.endOffset(), position);
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
                        read.lastRun().object().id(),
                        failure);
    }
}
