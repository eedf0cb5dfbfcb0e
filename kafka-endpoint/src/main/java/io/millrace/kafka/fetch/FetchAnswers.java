package io.millrace.kafka.fetch;

import io.millrace.fetch.BatchRun;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.kafka.wire.RunRecords;
import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.batch.CompressionCodec;
import java.util.List;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Builds the answers for single partitions. Without transactions, all records up to the high
 * watermark are stable, and none is aborted.
 */
final class FetchAnswers {

    private static final RunRecords NO_RECORDS = new RunRecords(BatchRun.EMPTY);
    private static final short FIRST_WITH_ZSTD = 10;
    private static final short FIRST_WITH_STORAGE_ERROR = 6;

    private final RequestContext context;
    private final boolean committedOnly;

    /**
     * @param committedOnly whether the client has requested the isolation level read_committed
     */
    FetchAnswers(RequestContext context, boolean committedOnly) {
        this.context = context;
        this.committedOnly = committedOnly;
    }

    /** Returns an answer with an error for each partition of a request. */
    static FetchResponseData refused(FetchRequestData request, Errors error) {
        FetchResponseData answer = new FetchResponseData();
        for (FetchTopic topic : request.topics()) {
            FetchableTopicResponse refused =
                    new FetchableTopicResponse()
                            .setTopic(topic.topic())
                            .setTopicId(topic.topicId());
            for (FetchPartition partition : topic.partitions()) {
                refused.partitions().add(failed(partition.partition(), error));
            }
            answer.responses().add(refused);
        }
        return answer;
    }

    private static PartitionData failed(int partition, Errors error) {
        return new PartitionData()
                .setPartitionIndex(partition)
                .setErrorCode(error.code())
                .setHighWatermark(-1)
                .setRecords(NO_RECORDS);
    }

    PartitionData failed(SessionPartition partition, Errors error) {
        Errors known =
                error == Errors.KAFKA_STORAGE_ERROR && context.version() < FIRST_WITH_STORAGE_ERROR
                        ? Errors.NOT_LEADER_OR_FOLLOWER
                        : error;
        return failed(partition.key.partition(), known);
    }

    /** Returns an answer without records. */
    PartitionData values(SessionPartition partition, PartitionLog log) {
        return values(partition, log.highWatermark(), log.logStartOffset());
    }

    private PartitionData values(
            SessionPartition partition, long highWatermark, long logStartOffset) {
        return new PartitionData()
                .setPartitionIndex(partition.key.partition())
                .setHighWatermark(highWatermark)
                .setLastStableOffset(highWatermark)
                .setLogStartOffset(logStartOffset)
                .setAbortedTransactions(committedOnly ? List.of() : null)
                .setRecords(NO_RECORDS);
    }

    /** Returns an answer with batches; an error if the client cannot decompress them. */
    PartitionData records(
            SessionPartition partition, long highWatermark, long logStartOffset, BatchRun batches) {
        return context.version() < FIRST_WITH_ZSTD && batches.uses(CompressionCodec.ZSTD)
                ? failed(partition, Errors.UNSUPPORTED_COMPRESSION_TYPE)
                : values(partition, highWatermark, logStartOffset)
                        .setRecords(new RunRecords(batches));
    }
}
