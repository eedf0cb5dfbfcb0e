package io.millrace.client.admin;

import io.millrace.client.cluster.ClusterDescription;
import io.millrace.client.cluster.ClusterNode;
import io.millrace.client.cluster.NodeCalls;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.Connections;
import io.millrace.client.connection.MessageStream;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.v1.BucketGrpc;
import io.millrace.protocol.v1.BucketObjectStatus;
import io.millrace.protocol.v1.CheckBucketRequest;
import io.millrace.protocol.v1.CheckBucketResponse;
import io.millrace.protocol.v1.DescribeUsageRequest;
import io.millrace.protocol.v1.DescribeUsageResponse;
import io.millrace.protocol.v1.ObjectCondition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Inspects the bucket of a cluster. Thread-safe. Throws {@link MillraceException}s. */
public final class BucketOperations {

    /**
     * An existing or missing object of the bucket.
     *
     * @param sizeBytes the listed size; for a missing object the size in the metadata, or 0 if
     *     unknown
     * @param status the status; for a missing object the expected status
     */
    public record BucketObject(
            String name,
            long sizeBytes,
            ObjectState status,
            Condition condition,
            String explanation) {}

    /** The use of an object in the cluster. */
    public enum ObjectState {
        REFERENCED,
        /** No longer referenced; deleted after the grace period. */
        IN_GRACE,
        METADATA,
        /** An archive or checkpoint that the metadata log no longer references. */
        OLD_METADATA,
        /** Not referenced yet, or an orphan. */
        UNREFERENCED,
        /** A multipart upload in progress or left by a dead writer. */
        INCOMPLETE_UPLOAD,
        /** Not an object of this cluster. */
        FOREIGN,
        UNKNOWN
    }

    /** The result of checking an object. */
    public enum Condition {
        SOUND,
        MISSING,
        /** The bytes differ from the written bytes, or cannot be read while other objects can. */
        DAMAGED,
        UNKNOWN
    }

    private final NodeCalls nodes;
    private final Connections connections;
    private final Supplier<ClusterDescription> cluster;
    private final Duration timeout;

    public BucketOperations(
            NodeCalls nodes,
            Connections connections,
            Supplier<ClusterDescription> cluster,
            Duration timeout) {
        this.nodes = nodes;
        this.connections = connections;
        this.cluster = cluster;
        this.timeout = timeout;
    }

    /** Returns the stored data and the requests of each live node. Lists nodes without response. */
    public BucketUsage usage() {
        List<ClusterNode> asked = cluster.get().nodes();
        List<CompletableFuture<DescribeUsageResponse>> answers =
                asked.stream()
                        .map(node ->
                                UnaryCalls.query(
                                        connections.to(node.address()),
                                        BucketGrpc.getDescribeUsageMethod(),
                                        DescribeUsageRequest.getDefaultInstance(),
                                        timeout))
                        .toList();
        List<DescribeUsageResponse> answered = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        MillraceException why = null;
        for (int i = 0; i < asked.size(); i++) {
            try {
                answered.add(
                        UnaryCalls.await(answers.get(i), timeout.plusSeconds(1), "The request"));
            } catch (MillraceException failure) {
                silent.add(asked.get(i).id());
                why = failure;
            }
        }
        if (answered.isEmpty()) {
            throw why != null
                    ? why
                    : new MillraceException.Unreachable("The cluster has no live node.", null);
        }
        return BucketUsage.of(answered, silent);
    }

    /**
     * Checks the whole bucket and reports every existing or missing object. Has no time limit.
     *
     * @param verify true to read all referenced and metadata objects and verify their checksums
     * @param each the callback, called sequentially on the caller's thread
     */
    public void check(boolean verify, Consumer<BucketObject> each) {
        CheckBucketRequest request = CheckBucketRequest.newBuilder().setVerify(verify).build();
        Iterator<Connection> order = nodes.anyNodes().iterator();
        while (!check(order.next(), request, order.hasNext(), each)) {
            // The next node may respond.
        }
    }

    private boolean check(
            Connection node,
            CheckBucketRequest request,
            boolean mayAskNext,
            Consumer<BucketObject> each) {
        boolean reported = false;
        try (MessageStream<CheckBucketRequest, CheckBucketResponse> messages =
                new MessageStream<>(node, BucketGrpc.getCheckBucketMethod(), request)) {
            for (Optional<CheckBucketResponse> some = messages.next();
                    some.isPresent();
                    some = messages.next()) {
                reported = true;
                nodes.reportAnswered(node);
                some.get().getObjectsList().forEach(object -> each.accept(of(object)));
            }
            return true;
        } catch (MillraceException failure) {
            if (!reported
                    && mayAskNext
                    && (UnaryCalls.isNodeUnavailable(failure)
                            || UnaryCalls.isCausedByNode(failure))) {
                return false;
            }
            throw failure;
        }
    }

    private static BucketObject of(io.millrace.protocol.v1.BucketObject object) {
        return new BucketObject(
                object.getName(),
                object.getSizeBytes(),
                of(object.getStatus()),
                of(object.getCondition()),
                object.getExplanation());
    }

    private static ObjectState of(BucketObjectStatus status) {
        return switch (status) {
            case REFERENCED -> ObjectState.REFERENCED;
            case IN_GRACE -> ObjectState.IN_GRACE;
            case METADATA -> ObjectState.METADATA;
            case OLD_METADATA -> ObjectState.OLD_METADATA;
            case UNREFERENCED -> ObjectState.UNREFERENCED;
            case INCOMPLETE_UPLOAD -> ObjectState.INCOMPLETE_UPLOAD;
            case FOREIGN -> ObjectState.FOREIGN;
            case BUCKET_OBJECT_STATUS_UNSPECIFIED, UNRECOGNIZED -> ObjectState.UNKNOWN;
        };
    }

    private static Condition of(ObjectCondition condition) {
        return switch (condition) {
            case SOUND -> Condition.SOUND;
            case MISSING -> Condition.MISSING;
            case DAMAGED -> Condition.DAMAGED;
            case OBJECT_CONDITION_UNSPECIFIED, UNRECOGNIZED -> Condition.UNKNOWN;
        };
    }
}
