package io.millrace.client.admin;

import io.millrace.protocol.v1.DescribeUsageResponse;
import io.millrace.protocol.v1.LevelUsage;
import io.millrace.protocol.v1.RequestUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stored data of a cluster, and the requests of its nodes to the bucket. Immutable.
 *
 * @param topics the topics, by name
 * @param silent the ids of nodes without response, which are not counted
 */
public record BucketUsage(
        List<StageUsage> levels, List<Topic> topics, List<Node> nodes, List<String> silent) {

    /** The kind and life-cycle stage of an object. */
    public enum Stage {
        WAL_BLOCK,
        SEGMENT,
        /** An extent manifest: the locations of offloaded records. */
        MANIFEST,
        DEREFERENCED,
        /** An archive or checkpoint of the metadata log. */
        METADATA,
        UNKNOWN
    }

    /**
     * The totals of a stage.
     *
     * @param liveBytes the readable part of the size
     */
    public record StageUsage(Stage stage, long objects, long sizeBytes, long liveBytes) {}

    /**
     * The totals of a topic.
     *
     * @param objects the number of objects with batches of the topic; 0 if not reported. An
     *     offloaded object counts only for its first topic
     */
    public record Topic(String name, long objects, long liveBytes) {}

    /**
     * The number of requests of a kind.
     *
     * @param operation put, get, delete, list; for multipart uploads begin, part, complete,
     *     abandon, unfinished
     * @param failed the requests without response or with a failure, some of which S3 charges for
     */
    public record Requests(String operation, long answered, long failed) {}

    /**
     * The totals of a node.
     *
     * @param counted the time since the start of the node
     * @param producedBytes the bytes received from producers, as stored
     */
    public record Node(
            String id,
            Duration counted,
            List<Requests> requests,
            long writtenBytes,
            long readBytes,
            long producedBytes,
            long deliveredBytes) {

        public Node {
            requests = List.copyOf(requests);
        }
    }

    public BucketUsage {
        levels = List.copyOf(levels);
        topics = List.copyOf(topics);
        nodes = List.copyOf(nodes);
        silent = List.copyOf(silent);
    }

    /** Returns the requests of all nodes by kind. */
    public List<Requests> requests() {
        Map<String, Requests> sums = new LinkedHashMap<>();
        for (Node node : nodes) {
            for (Requests each : node.requests()) {
                sums.merge(
                        each.operation(),
                        each,
                        (sum, more) ->
                                new Requests(
                                        sum.operation(),
                                        sum.answered() + more.answered(),
                                        sum.failed() + more.failed()));
            }
        }
        return List.copyOf(sums.values());
    }

    static BucketUsage of(List<DescribeUsageResponse> answers, List<String> silent) {
        DescribeUsageResponse any = answers.getFirst();
        List<StageUsage> levels = new ArrayList<>();
        for (LevelUsage each : any.getLevelsList()) {
            levels.add(
                    new StageUsage(
                            stage(each),
                            each.getObjects(),
                            each.getSizeBytes(),
                            each.getLiveBytes()));
        }
        List<Topic> topics =
                any.getTopicsList().stream()
                        .map(each ->
                                new Topic(each.getTopic(), each.getObjects(), each.getLiveBytes()))
                        .toList();
        return new BucketUsage(
                levels, topics, answers.stream().map(BucketUsage::node).toList(), silent);
    }

    private static Stage stage(LevelUsage usage) {
        return switch (usage.getLevel()) {
            case WAL_BLOCK -> Stage.WAL_BLOCK;
            case SEGMENT -> Stage.SEGMENT;
            case MANIFEST -> Stage.MANIFEST;
            case DEREFERENCED -> Stage.DEREFERENCED;
            case METADATA_OBJECT -> Stage.METADATA;
            case OBJECT_LEVEL_UNSPECIFIED, UNRECOGNIZED -> Stage.UNKNOWN;
        };
    }

    private static Node node(DescribeUsageResponse answer) {
        List<Requests> requests = new ArrayList<>();
        for (RequestUsage each : answer.getRequestsList()) {
            requests.add(new Requests(each.getOperation(), each.getAnswered(), each.getFailed()));
        }
        return new Node(
                answer.getNodeId(),
                Duration.ofMillis(answer.getCountedMs()),
                requests,
                answer.getWrittenBytes(),
                answer.getReadBytes(),
                answer.getProducedBytes(),
                answer.getDeliveredBytes());
    }
}
