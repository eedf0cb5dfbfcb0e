package io.millrace.client;

import io.grpc.stub.StreamObserver;
import io.millrace.client.record.FakeLog;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AddPartitionsRequest;
import io.millrace.protocol.v1.AddPartitionsResponse;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.ConfigureTopicRequest;
import io.millrace.protocol.v1.ConfigureTopicResponse;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.CreateTopicResponse;
import io.millrace.protocol.v1.DeleteTopicRequest;
import io.millrace.protocol.v1.DeleteTopicResponse;
import io.millrace.protocol.v1.DescribeClusterRequest;
import io.millrace.protocol.v1.DescribeClusterResponse;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.DescribeTopicResponse;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.ListTopicsResponse;
import io.millrace.protocol.v1.PartitionTrim;
import io.millrace.protocol.v1.Topic;
import io.millrace.protocol.v1.TrimTopicRequest;
import io.millrace.protocol.v1.TrimTopicResponse;
import io.millrace.protocol.v1.UpgradeClusterRequest;
import io.millrace.protocol.v1.UpgradeClusterResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The Admin service of the fake server. */
public final class FakeAdmin extends AdminGrpc.AdminImplBase {

    /** Small, so that all tests follow pages. */
    static final int PAGE_SIZE = 2;

    static final int NEWEST_LEVEL = 2;

    private final FakeLog log;
    private final AtomicReference<@Nullable CompletableFuture<Void>> unanswered =
            new AtomicReference<>();

    private volatile @Nullable Supplier<DescribeClusterResponse> cluster;
    private final AtomicInteger clusterQuestions = new AtomicInteger();
    private volatile int featureLevel = 1;

    FakeAdmin(FakeLog log) {
        this.log = log;
    }

    /**
     * Applies the next change without ever responding. Returns a future that completes when the
     * change is applied.
     */
    public CompletableFuture<Void> leaveNextUnanswered() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        unanswered.set(done);
        return done;
    }

    @Override
    public void createTopic(
            CreateTopicRequest request, StreamObserver<CreateTopicResponse> answer) {
        reply(
                answer,
                () ->
                        CreateTopicResponse.newBuilder()
                                .setTopic(
                                        log.create(
                                                request.getName(),
                                                Math.max(1, request.getPartitionCount()),
                                                request.getConfigMap()))
                                .build());
    }

    int featureLevel() {
        return featureLevel;
    }

    /** Raises the level to the newest, and refuses any other. */
    @Override
    public void upgradeCluster(
            UpgradeClusterRequest request, StreamObserver<UpgradeClusterResponse> answer) {
        reply(
                answer,
                () -> {
                    if (request.getFeatureLevel() > NEWEST_LEVEL) {
                        throw new ProblemException(
                                new Problem(Reason.FEATURE_LEVEL_TOO_LOW, "node only is too old"));
                    }
                    int before = featureLevel;
                    if (!request.getDryRun()) {
                        featureLevel = NEWEST_LEVEL;
                    }
                    return UpgradeClusterResponse.newBuilder()
                            .setFeatureLevelBefore(before)
                            .setFeatureLevel(NEWEST_LEVEL)
                            .build();
                });
    }

    @Override
    public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> answer) {
        reply(answer, () -> page(log.topics(), request.getPageToken()));
    }

    @Override
    public void describeTopic(
            DescribeTopicRequest request, StreamObserver<DescribeTopicResponse> answer) {
        reply(answer, () -> page(log.describe(request.getName()), request.getPageToken()));
    }

    private static ListTopicsResponse page(List<Topic> topics, String token) {
        ListTopicsResponse.Builder response = ListTopicsResponse.newBuilder();
        int from = token.isEmpty() ? 0 : Integer.parseInt(token);
        int to = Math.min(topics.size(), from + PAGE_SIZE);
        return response.addAllTopics(topics.subList(from, to))
                .setNextPageToken(to == topics.size() ? "" : Integer.toString(to))
                .build();
    }

    private static DescribeTopicResponse page(DescribeTopicResponse whole, String token) {
        int from = token.isEmpty() ? 0 : Integer.parseInt(token);
        int to = Math.min(whole.getPartitionsCount(), from + PAGE_SIZE);
        DescribeTopicResponse.Builder response = whole.toBuilder().clearPartitions();
        if (from > 0) {
            response.clearSettings();
        }
        return response.addAllPartitions(whole.getPartitionsList().subList(from, to))
                .setNextPageToken(to == whole.getPartitionsCount() ? "" : Integer.toString(to))
                .build();
    }

    @Override
    public void deleteTopic(
            DeleteTopicRequest request, StreamObserver<DeleteTopicResponse> answer) {
        reply(
                answer,
                () -> {
                    log.delete(request.getName());
                    return DeleteTopicResponse.getDefaultInstance();
                });
    }

    @Override
    public void addPartitions(
            AddPartitionsRequest request, StreamObserver<AddPartitionsResponse> answer) {
        reply(
                answer,
                () ->
                        AddPartitionsResponse.newBuilder()
                                .setTopic(log.grow(request.getName(), request.getPartitionCount()))
                                .build());
    }

    @Override
    public void configureTopic(
            ConfigureTopicRequest request, StreamObserver<ConfigureTopicResponse> answer) {
        reply(
                answer,
                () ->
                        ConfigureTopicResponse.newBuilder()
                                .setTopic(
                                        log.configure(
                                                request.getName(),
                                                request.getSetMap(),
                                                request.getResetList()))
                                .build());
    }

    @Override
    public void trimTopic(TrimTopicRequest request, StreamObserver<TrimTopicResponse> answer) {
        reply(
                answer,
                () -> {
                    TrimTopicResponse.Builder response = TrimTopicResponse.newBuilder();
                    for (PartitionTrim each : request.getPartitionsList()) {
                        response.addPartitions(
                                log.trim(request.getName(), each.getPartition(), each.getOffset()));
                    }
                    return response.build();
                });
    }

    /**
     * @param answer the supplier of cluster descriptions; null to act as a server without this
     *     method
     */
    void describeClusterAs(@Nullable Supplier<DescribeClusterResponse> answer) {
        cluster = answer;
    }

    /** Returns the number of cluster descriptions requested. */
    int clusterQuestions() {
        return clusterQuestions.get();
    }

    @Override
    public void describeCluster(
            DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> answer) {
        clusterQuestions.incrementAndGet();
        Supplier<DescribeClusterResponse> known = cluster;
        if (known != null) {
            reply(answer, known);
        } else {
            super.describeCluster(request, answer);
        }
    }

    private <A> void reply(StreamObserver<A> answer, Supplier<A> work) {
        try {
            A done = work.get();
            CompletableFuture<Void> lost = unanswered.getAndSet(null);
            if (lost != null) {
                lost.complete(null);
                return;
            }
            answer.onNext(done);
            answer.onCompleted();
        } catch (ProblemException rejected) {
            answer.onError(FakeServer.failure(rejected.problem()));
        }
    }
}
