package io.millrace.kafka.fetch;

import io.millrace.fetch.FetchQuery;
import io.millrace.fetch.FetchResult;
import io.millrace.fetch.PartitionResult;
import io.millrace.kafka.connection.KafkaErrors;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Builds the answer to one Fetch request from the active partitions of its session. An answer has
 * the partitions with records, with an error, or with values that the client does not have. Owned
 * by the fetch node's event loop.
 */
final class AnswerBuilder {

    private final FetchSession session;
    private final FetchAnswers answers;
    private final RequestContext context;
    private final List<Part> parts = new ArrayList<>();
    private final List<FetchQuery.PartitionQuery> readable = new ArrayList<>();
    private final List<Part> toRead = new ArrayList<>();
    private boolean hasFinal;
    private int sizeBytes;

    private static final class Part {

        private final SessionPartition partition;

        /** Null if the partition is left out. */
        private @Nullable PartitionData answer;

        /** The answer if nothing is read. */
        private @Nullable PartitionData values;

        private boolean hasRecords;

        private long topicId;

        Part(SessionPartition partition) {
            this.partition = partition;
        }
    }

    AnswerBuilder(FetchSession session, FetchAnswers answers, RequestContext context) {
        this.session = session;
        this.answers = answers;
        this.context = context;
    }

    /** Adds an answer that ends the wait. */
    void addFinal(SessionPartition partition, PartitionData answer) {
        hasFinal = true;
        add(partition).answer = answer;
    }

    void addNews(SessionPartition partition, Topic topic, PartitionLog log) {
        Part part = add(partition);
        part.topicId = topic.id();
        part.answer = answers.values(partition, log);
    }

    /** Adds a partition to read from. */
    void addReadable(SessionPartition partition, Topic topic, PartitionLog log) {
        Part part = add(partition);
        part.topicId = topic.id();
        if (partition.isNews(log.highWatermark(), log.logStartOffset())) {
            part.values = answers.values(partition, log);
        }
        toRead.add(part);
        readable.add(
                new FetchQuery.PartitionQuery(
                        topic.name(),
                        partition.key.partition(),
                        partition.offset(),
                        Math.max(1, partition.maxBytes()),
                        topic.id()));
    }

    private Part add(SessionPartition partition) {
        Part part = new Part(partition);
        parts.add(part);
        return part;
    }

    /** Returns whether the answer ends the wait. */
    boolean isFinal() {
        return hasFinal;
    }

    /** Watches the partitions, while the request waits. Not with a final answer. */
    void watch(PartitionWatch watch) {
        for (Part part : parts) {
            watch.add(part.partition, part.topicId);
        }
    }

    List<FetchQuery.PartitionQuery> readable() {
        return readable;
    }

    /**
     * @param found the results for {@link #readable}, in order
     */
    void addRead(FetchResult found) {
        for (int i = 0; i < toRead.size(); i++) {
            Part part = toRead.get(i);
            switch (found.partitions().get(i)) {
                case PartitionResult.Failed(_, _, var problem) ->
                        part.answer =
                                answers.failed(part.partition, KafkaErrors.of(problem.reason()));
                case PartitionResult.Fetched fetched -> addRead(part, fetched);
            }
        }
    }

    private void addRead(Part part, PartitionResult.Fetched fetched) {
        if (fetched.batches().isEmpty()) {
            part.answer = part.values;
            return;
        }
        part.answer =
                answers.records(
                        part.partition,
                        fetched.highWatermark(),
                        fetched.logStartOffset(),
                        fetched.batches());
        part.hasRecords = true;
        sizeBytes += part.answer.records().sizeInBytes();
    }

    void addFailure(Errors error) {
        for (Part part : toRead) {
            part.answer = answers.failed(part.partition, error);
        }
    }

    void addNothingRead() {
        for (Part part : toRead) {
            part.answer = part.values;
        }
    }

    /** Returns the size of all records. */
    int sizeBytes() {
        return sizeBytes;
    }

    /** Returns the answer, whose values count as sent. */
    FetchResponseData build() {
        FetchResponseData built = new FetchResponseData().setSessionId(session.id());
        List<SessionPartition> served = new ArrayList<>();
        @Nullable FetchableTopicResponse topic = null;
        for (Part part : parts) {
            PartitionData answer = part.answer;
            if (answer == null) {
                continue;
            }
            topic = topicOf(built, topic, part.partition.key);
            topic.partitions().add(answer);
            sent(part.partition, answer);
            if (part.hasRecords) {
                served.add(part.partition);
            }
        }
        session.moveToEnd(served);
        return built;
    }

    private static FetchableTopicResponse topicOf(
            FetchResponseData built, @Nullable FetchableTopicResponse last, PartitionKey key) {
        if (last != null
                && last.topic().equals(key.topic())
                && last.topicId().equals(key.topicId())) {
            return last;
        }
        FetchableTopicResponse topic =
                new FetchableTopicResponse().setTopic(key.topic()).setTopicId(key.topicId());
        built.responses().add(topic);
        return topic;
    }

    private void sent(SessionPartition partition, PartitionData answer) {
        if (answer.errorCode() == Errors.NONE.code()) {
            partition.sent(answer.highWatermark(), answer.logStartOffset());
        } else {
            partition.sentNoValues();
            context.failed(Errors.forCode(answer.errorCode()));
        }
    }
}
