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
 * Stored data of a cluster, and the requests of its nodes to the bucket since their start.
 * Immutable.
 *
 * @param levels the objects, grouped by kind and life-cycle stage
 * @param topics the data of each topic, by name
 * @param nodes the requests of each node
 * @param silent the ids of nodes without response, which are not counted
 */
public record BucketUsage(
        List<StageUsage> levels, List<Topic> topics, List<Node> nodes, List<String> silent) {

    /** Kind and life-cycle stage of objects. */
    public enum Stage {
        /** Blocks written by ingest nodes. */
        WAL_BLOCK,
        /** Segments written by merges. */
        SEGMENT,
        /** Extent manifests: locations of records that no node keeps in memory. */
        MANIFEST,
        /** No longer referenced, and to be deleted. */
        DEREFERENCED,
        /** Archives and the checkpoint of the metadata log; not read by consumers. */
        METADATA,
        /** Unknown to this client; the server is newer. */
        UNKNOWN
    }

    /**
     * Totals of the objects in one stage.
     *
     * @param stage the kind and stage of the objects
     * @param objects the number of objects
     * @param sizeBytes the total size
     * @param liveBytes the readable part of the size
     */
    public record StageUsage(Stage stage, long objects, long sizeBytes, long liveBytes) {}

    /**
     * Totals of one topic.
     *
     * @param name the name of the topic
     * @param objects the number of objects that hold batches of the topic; an object with several
     *     topics counts for each. An offloaded object (see {@link Stage#MANIFEST}) counts only for
     *     its first topic. 0 if the server does not report the number
     * @param liveBytes the size of the readable batches
     */
    public record Topic(String name, long objects, long liveBytes) {}

    /**
     * Number of requests of one kind.
     *
     * @param operation the kind: put, get, delete, list; for multipart uploads begin, part,
     *     complete, abandon, unfinished
     * @param answered the number of successful requests
     * @param failed the number of requests without response or with a failure, some of which S3
     *     charges for
     */
    public record Requests(String operation, long answered, long failed) {}

    /**
     * Totals of one node.
     *
     * @param id the id of the node
     * @param counted the duration counted: since the start of the node
     * @param requests the requests to the bucket
     * @param writtenBytes the bytes written to the bucket
     * @param readBytes the bytes read from the bucket
     * @param producedBytes the bytes received from producers, as stored
     * @param deliveredBytes the bytes sent to consumers
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
                        (one, other) ->
                                new Requests(
                                        one.operation(),
                                        one.answered() + other.answered(),
                                        one.failed() + other.failed()));
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
