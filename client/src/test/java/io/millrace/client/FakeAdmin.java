package io.millrace.client;

import io.grpc.stub.StreamObserver;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.AddPartitionsRequest;
import io.millrace.protocol.v1.AddPartitionsResponse;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.CreateTopicResponse;
import io.millrace.protocol.v1.DeleteTopicRequest;
import io.millrace.protocol.v1.DeleteTopicResponse;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.DescribeTopicResponse;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.ListTopicsResponse;
import java.util.function.Supplier;

/** The Admin service of the fake. */
final class FakeAdmin extends AdminGrpc.AdminImplBase {

    private final FakeLog log;

    FakeAdmin(FakeLog log) {
        this.log = log;
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

    @Override
    public void listTopics(ListTopicsRequest request, StreamObserver<ListTopicsResponse> answer) {
        reply(answer, () -> ListTopicsResponse.newBuilder().addAllTopics(log.topics()).build());
    }

    @Override
    public void describeTopic(
            DescribeTopicRequest request, StreamObserver<DescribeTopicResponse> answer) {
        reply(answer, () -> log.describe(request.getName()));
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

    private static <A> void reply(StreamObserver<A> answer, Supplier<A> work) {
        try {
            answer.onNext(work.get());
            answer.onCompleted();
        } catch (ProblemException refused) {
            answer.onError(FakeServer.failure(refused.problem()));
        }
    }
}
