package io.millrace.kafka.fetch;

import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;

/** The state of a partition for a waiting fetch. Valid until the current task ends. */
sealed interface PartitionState {

    /** Nothing that the client does not have. */
    record Idle(Topic topic) implements PartitionState {}

    /** Other values of high watermark or log start, which do not end the wait. */
    record News(Topic topic, PartitionLog log) implements PartitionState {}

    /** Records at the position. */
    record Readable(Topic topic, PartitionLog log) implements PartitionState {}

    /** An error, or another answer without records, which ends the wait. */
    record Answered(PartitionData answer) implements PartitionState {}

    /** A negative answer that requires a barrier, because the local metadata may be stale. */
    record Denied(PartitionData answer) implements PartitionState {}
}
