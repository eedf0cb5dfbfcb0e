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
 * What a cluster stores, and what its nodes have asked of the bucket since each began. Immutable.
 *
 * @param levels the objects, by what they are and where they are in their lives
 * @param topics what topics hold, by name
 * @param nodes what each node did
 * @param silent ids of nodes that did not answer, and whose requests are not counted
 */
public record BucketUsage(
        List<Level> levels, List<Topic> topics, List<Node> nodes, List<String> silent) {

    /** Where objects are in their lives. */
    public enum Stage {
        /** Blocks that ingest nodes wrote. */
        WAL_BLOCK,
        /** Segments that merges wrote. */
        SEGMENT,
        /** Manifests: where records lie that no node keeps in memory. */
        MANIFEST,
        /** Named no more, and to be deleted. */
        DEREFERENCED,
        /** Archives of the metadata log, and its checkpoint: nothing to be read by consumers. */
        METADATA,
        /** The server is newer than this client. */
        UNKNOWN
    }

    /**
     * Objects.
     *
     * @param sizeBytes of all of them
     * @param liveBytes of what can be read in them
     */
    public record Level(Stage stage, long objects, long sizeBytes, long liveBytes) {}

    /**
     * A topic.
     *
     * @param objects that hold some of its batches; those of several topics count for each of them.
     *     Of what no node keeps in memory, see {@link Stage#MANIFEST}, an object counts for the
     *     topic that was put into it first alone. 0 from a server that does not count them
     * @param liveBytes of the batches that can be read
     */
    public record Topic(String name, long objects, long liveBytes) {}

    /**
     * Requests of one kind.
     *
     * @param operation put, get, delete, list; of uploads in parts begin, part, complete, abandon,
     *     unfinished
     */
    public record Requests(String operation, long answered, long failed) {}

    /**
     * What a node did.
     *
     * @param counted for so long: all its life
     * @param writtenBytes to the bucket
     * @param readBytes from it
     * @param producedBytes that producers gave it, as they are stored
     * @param deliveredBytes that consumers got from it
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

    /** The requests of all nodes together, by what they are. */
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

    /**
     * @param answers at least one
     */
    static BucketUsage of(List<DescribeUsageResponse> answers, List<String> silent) {
        DescribeUsageResponse any = answers.getFirst();
        List<Level> levels = new ArrayList<>();
        for (LevelUsage each : any.getLevelsList()) {
            levels.add(
                    new Level(
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
