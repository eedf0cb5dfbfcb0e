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

/** What is in the bucket of a cluster. Thread-safe. Failures are {@link MillraceException}s. */
public final class BucketOperations {

    /**
     * An object in the bucket, or one that ought to be there.
     *
     * @param sizeBytes as the bucket lists it; as the metadata knows it, 0 if it does not, where it
     *     is missing
     * @param status what it is to the cluster, or would be if it were there
     * @param explanation what that means, in sentences for a person
     */
    public record BucketObject(
            String name, long sizeBytes, Status status, Condition condition, String explanation) {}

    /** What an object is to a cluster. */
    public enum Status {
        /** Extents name it: records are in it. */
        REFERENCED,
        /** No extent names it any more, and it will be deleted. */
        IN_GRACE,
        /** A part of the metadata log's past. */
        METADATA,
        /** An archive or checkpoint that the metadata log does not name, and never will. */
        OLD_METADATA,
        /** Nothing names it: not yet, or it is an orphan. */
        UNREFERENCED,
        /** An upload in parts that is under way, or was left by a writer that died. */
        INCOMPLETE_UPLOAD,
        /** Not of this cluster. */
        FOREIGN,
        /** The server is newer than this client. */
        UNKNOWN
    }

    /** Whether something is wrong with an object. */
    public enum Condition {
        /** Nothing was found to be wrong. */
        SOUND,
        /** It ought to be there, and is not. */
        MISSING,
        /** Its bytes are not those that were written, or cannot be read while others can. */
        DAMAGED,
        /** The server is newer than this client. */
        UNKNOWN
    }

    private final NodeCalls nodes;
    private final Connections connections;
    private final Supplier<ClusterDescription> cluster;
    private final Duration timeout;

    /**
     * @param cluster asks for its nodes
     * @param timeout of a request
     */
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

    /**
     * What is stored, and what all live nodes have asked of the bucket since each began. Those that
     * do not answer are named.
     */
    public BucketUsage usage() {
        List<ClusterNode> asked = cluster.get().nodes();
        List<CompletableFuture<DescribeUsageResponse>> answers =
                asked.stream()
                        .map(node ->
                                UnaryCalls.unary(
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
     * Goes through the whole bucket, and tells of every object in it and of every one that is
     * missing. It returns when all was told; it takes as long as that takes.
     *
     * @param verify whether to read every object that holds records, and the metadata log's
     *     archives and checkpoint, and check all their checksums
     * @param each hears of one after the other, on the caller's thread
     */
    public void check(boolean verify, Consumer<BucketObject> each) {
        CheckBucketRequest request = CheckBucketRequest.newBuilder().setVerify(verify).build();
        Iterator<Connection> order = nodes.anybody().iterator();
        while (!check(order.next(), request, order.hasNext(), each)) {
            // The next one may answer.
        }
    }

    /** Returns false if this node told nothing, so that another may. */
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
                nodes.answered(node);
                some.get().getObjectsList().forEach(one -> each.accept(of(one)));
            }
            return true;
        } catch (MillraceException failure) {
            if (!reported
                    && mayAskNext
                    && (UnaryCalls.isGone(failure) || UnaryCalls.isUnserved(failure))) {
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

    private static Status of(BucketObjectStatus status) {
        return switch (status) {
            case REFERENCED -> Status.REFERENCED;
            case IN_GRACE -> Status.IN_GRACE;
            case METADATA -> Status.METADATA;
            case OLD_METADATA -> Status.OLD_METADATA;
            case UNREFERENCED -> Status.UNREFERENCED;
            case INCOMPLETE_UPLOAD -> Status.INCOMPLETE_UPLOAD;
            case FOREIGN -> Status.FOREIGN;
            case BUCKET_OBJECT_STATUS_UNSPECIFIED, UNRECOGNIZED -> Status.UNKNOWN;
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
