package io.millrace.kafka.topic;

import io.millrace.kafka.cluster.KafkaNodes;
import io.millrace.kafka.cluster.LeaderPlacement;
import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Describes the sizes of partitions. The bucket is the only log directory, of which a node reports
 * the partitions that it is a replica of, so that the nodes of a zone together report each once.
 */
public final class LogDirsHandler
        implements ApiHandler<DescribeLogDirsRequestData, DescribeLogDirsResponseData> {

    private static final short FIRST_WITH_ERROR = 3;
    private static final int PARTITIONS_PER_TASK = 500;

    /** Maximum number of partitions in an answer, which has no pages. */
    private static final int MAX_PARTITIONS = 200_000;

    private static final long UNKNOWN_BYTES = -1;

    private final Metadata metadata;
    private final KafkaNodes nodes;
    private final String bucket;

    /**
     * @param bucket the address of the bucket
     */
    public LogDirsHandler(Metadata metadata, KafkaNodes nodes, String bucket) {
        this.metadata = metadata;
        this.nodes = nodes;
        this.bucket = bucket;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_LOG_DIRS;
    }

    @Override
    public CompletableFuture<DescribeLogDirsResponseData> handle(
            RequestContext context, DescribeLogDirsRequestData request) {
        if (!context.authorize(
                Operation.DESCRIBE, ResourceType.CLUSTER, ResourceType.CLUSTER_NAME)) {
            return CompletableFuture.completedFuture(
                    failed(context, Errors.CLUSTER_AUTHORIZATION_FAILED));
        }
        Survey survey = new Survey(context, request);
        metadata.loop().execute(survey::proceed);
        return survey.done;
    }

    private static DescribeLogDirsResponseData failed(RequestContext context, Errors error) {
        context.failed(error);
        DescribeLogDirsResponseData answer = new DescribeLogDirsResponseData();
        return context.version() >= FIRST_WITH_ERROR ? answer.setErrorCode(error.code()) : answer;
    }

    /** The partitions of one answer, found in slices on the metadata's loop. */
    private final class Survey {

        private final RequestContext context;
        private final LeaderPlacement placement;
        private final int self = nodes.self();
        private final Iterator<PartitionId> partitions;
        private final DescribeLogDirsResult directory =
                new DescribeLogDirsResult()
                        .setLogDir(bucket)
                        .setTotalBytes(UNKNOWN_BYTES)
                        .setUsableBytes(UNKNOWN_BYTES);
        private final CompletableFuture<DescribeLogDirsResponseData> done =
                new CompletableFuture<>();
        private DescribeLogDirsTopic current = new DescribeLogDirsTopic();
        private int found;

        Survey(RequestContext context, DescribeLogDirsRequestData request) {
            this.context = context;
            this.placement = new LeaderPlacement(nodes.live(context.listener()), Optional.empty());
            this.partitions =
                    request.topics() == null
                            ? metadata.topics().all().stream().flatMap(Survey::all).iterator()
                            : request.topics().stream()
                                    .flatMap(requested ->
                                            metadata.topics().named(requested.topic()).stream()
                                                    .flatMap(topic ->
                                                            requested.partitions().stream()
                                                                    .distinct()
                                                                    .map(partition ->
                                                                            new PartitionId(
                                                                                    topic.id(),
                                                                                    partition))))
                                    .iterator();
        }

        private static Stream<PartitionId> all(Topic topic) {
            return IntStream.range(0, topic.partitionCount())
                    .mapToObj(partition -> new PartitionId(topic.id(), partition));
        }

        void proceed() {
            try {
                for (int i = 0; i < PARTITIONS_PER_TASK; i++) {
                    if (!partitions.hasNext()) {
                        done.complete(
                                new DescribeLogDirsResponseData().setResults(List.of(directory)));
                        return;
                    }
                    if (!add(partitions.next())) {
                        done.complete(failed(context, Errors.POLICY_VIOLATION));
                        return;
                    }
                }
                metadata.loop().execute(this::proceed);
            } catch (RuntimeException bug) {
                done.completeExceptionally(bug);
            }
        }

        private boolean add(PartitionId id) {
            Optional<Topic> topic = metadata.topics().withId(id.topicId());
            Optional<PartitionLog> log = metadata.view().partition(id.topicId(), id.partition());
            if (topic.isEmpty()
                    || log.isEmpty()
                    || !placement
                            .of(topic.get().name(), id.partition())
                            .replicas()
                            .contains(self)) {
                return true;
            }
            if (++found > MAX_PARTITIONS) {
                return false;
            }
            if (!current.name().equals(topic.get().name())) {
                current = new DescribeLogDirsTopic().setName(topic.get().name());
                directory.topics().add(current);
            }
            current.partitions()
                    .add(
                            new DescribeLogDirsPartition()
                                    .setPartitionIndex(id.partition())
                                    .setPartitionSize(log.get().sizeBytes())
                                    .setOffsetLag(0)
                                    .setIsFutureKey(false));
            return true;
        }
    }
}
